"""What marks, abbreviations and scripts say about where a sentence can end."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STRONG = frozenset("。！？；؟۔।؛")
INSIDE_ADDRESS = frozenset("=&_/#-")
EITHER_WAY = frozenset("\"'*_`")
"""Closing or opening: they close when an odd number stands before them."""

THAI_NEVER_LAST = frozenset("ๆฯ")
THAI_LAST_WORDS = ("ครับ", "ค่ะ", "คะ", "นะ", "จ้ะ", "จ้า", "ไหม", "มั้ย", "หรือเปล่า")

ABBREVIATIONS = _words(
    """
    mr mrs ms dr prof rev hon capt sgt gen st mt messrs vs viz cf al e.g eg i.e ie approx dept fig figs eq
    sr sra srta sres dña lic ing arq av avda pág pag págs tel telf teléf ud uds vd vds p.ej ej núm núms
    mme mlle mgr bd cie réf env p.ex ex
    fr frau str bzw z.b zb d.h dh u.a ua usw.a ggf evtl inkl exkl zzgl ca abs
    jl jln rp tn ny sdr sdri tbk bpk yth a.n d.a u.p
    tp ths ts pgs gs bs ks ông
    г ул д кв корп стр руб коп т.е т.к т.д т.п им тел
    """
)
"""Words that a full stop belongs to, whatever follows."""

BEFORE_NUMBER = _words("no nr nos nro nº n° art pos ch vol ver rev sec pp pg item kap abs ред п р рис")
"""Words that a full stop belongs to when a number follows: 'No. 5', but 'No. We do not.'"""

MAY_BE_LAST = _words(
    """
    etc inc ltd co corp bros jr a.m p.m u.s u.k e.u u.s.a am pm apt ave blvd rd ste bldg ext gmbh usw dll dsb dst dkk
    max mind hrs hr min mins sec lbs oz ft kg cm mm jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed
    thu thur thurs fri sat sun v.v bhd sdn s.a s.l
    """
)
"""Words that a full stop belongs to; the sentence still ends when a capital or a wide character follows."""

BEFORE_LABEL = _words(
    """
    size sizes type class plan grade version option model group category vitamin series step part and or talla tamaño
    taille größe ukuran saiz cỡ size: tamanho размер option: typ tipo opción
    """
)

AFTER_ORDINAL = _words(
    """
    januar jänner februar märz april mai juni juli august september oktober november dezember
    jan feb mär apr jun jul aug sep okt nov dez quartal tag woche monat stock etage klasse
    """
)

_WIDE_FROM = "\u2e80"
_WIDE_TO = "\ud7a3"


def is_wide(character: str) -> bool:
    """Whether the character is Han, kana, Hangul or their full-width punctuation."""
    return _WIDE_FROM <= character <= _WIDE_TO or "\uf900" <= character <= "\ufaff" or "\uff00" <= character <= "\uffef"


def is_thai(character: str) -> bool:
    return "\u0e01" <= character <= "\u0e5b"
