"""What the columns and fields of other people's files are called, and what each means to us."""

import re
import unicodedata

from xiaoer.patterns import lazy

_NAMES: dict[str, str] = {
    "question": "问题 标准问 标准问题 标准问法 主问题 问句 提问 问 常见问题 客户问题 用户问题 問題 質問 q "
    "question questions faq "
    "query ask câuhỏi คำถาม 질문 вопрос pregunta pergunta frage pertanyaan soalan سؤال السؤال",
    "answer": "答案 回答 回复 答复 标准答案 标准回答 答 回覆 解答 话术 回复内容 回答内容 a answer answers reply "
    "response câutrảlời "
    "trảlời คำตอบ 답변 ответ respuesta resposta réponse antwort jawaban jawapan إجابة الإجابة",
    "questions": "相似问 相似问题 相似问法 扩展问 扩展问题 扩展问法 其他问法 同义问 同义问法 相似問 variants "
    "variant similar "
    "similarquestions similarquestion alternatives alternativequestions paraphrases synonyms otherwordings",
    "title": "标题 题目 名称 商品名称 商品名 产品名称 产品名 商品标题 宝贝标题 宝贝名称 品名 標題 商品名稱 名稱 "
    "title name productname "
    "producttitle subject headline tiêuđề tênsảnphẩm ชื่อ ชื่อสินค้า",
    "key": "id key 编号 编码 序号id uid uuid code externalid",
    "product_ids": "商品id 商品编号 商品编码 产品id 产品编号 产品编码 宝贝id 货号 货品编号 关联商品 适用商品id "
    "sku skuid skus spu spuid "
    "productid productids products itemid productsku mãsảnphẩm รหัสสินค้า",
    "tags": "标签 分类 类目 品类 类别 分组 標籤 tags tag category categories producttype group",
    "locale": "语言 语种 語言 locale language lang",
    "url": "链接 网址 商品链接 详情链接 连结 url link permalink producturl",
    "valid_from": "生效时间 生效日期 开始时间 开始日期 有效期开始 有效期起 活动开始时间 validfrom "
    "startdate startsat startat ",
    "valid_to": "失效时间 失效日期 结束时间 结束日期 截止时间 截止日期 有效期结束 有效期至 到期时间 活动结束时间 "
    "validto validuntil "
    "enddate endsat endat expires expiresat ",
    "status": "状态 商品状态 上架状态 發佈狀態 status state published",
    "text": "内容 正文 描述 詳情 內容 text body content description bodyhtml details môtả nộidung รายละเอียด คำอธิบาย",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
_TEXTUAL = lazy(
    "描述|说明|详情|介绍|简介|规格|参数|卖点|特点|特色|功能|材质|尺寸|尺码|颜色|容量|型号|品牌|包装|配件|辅材|"
    "保修|质保|售后|安装|使用|保养|清洗|"
    "维修|故障|注意|适用|成分|配料|产地|重量|功率|赠品|政策|规则|须知|流程|运费|发货|退货|换货|優惠|优惠|活动|"
    "保质期|保鲜|储存|储藏|贮存|存放|保存|口感|口味|味道|香型|风味|等级|年份|采摘|食用|用法|用量|禁忌|过敏|人群|适合|季节|风格|款式|"
    "版型|面料|工艺|厚度|洗涤|证书|认证|标准$|续航|电池|屏幕|接口|"
    "shelflife|storage|flavou?r|taste|allerg|suitable|fabric|style$|fit$|grade|certif|battery|screen|dimension|"
    "description|detail|specification|spec$|specs$|feature|material|size|colou?r|capacity|model$|brand|package|"
    "accessor|warranty|"
    "install|usage|howto|care$|careinstruction|ingredient|origin|weight|policy|shipping|return|exchange|note$|"
    "notes$|content|body",
    re.IGNORECASE,
)
_PRIVATE = lazy(
    "收货|收件|买家|客户姓名|用户姓名|身份证|密码|成本|进价|采购|供应商|供货|毛利|利润|佣金|提成|业务员|库位|仓位|货位|內部|内部|备注人|"
    "password|secret|token|buyer|recipient|shippingaddress|billing|costprice|costper|^cost$|wholesale|supplier|"
    "vendorcost|margin|"
    "profit|commission|warehouse|customer(?:name|email|phone)|nationalid|passport|internal",
    re.IGNORECASE,
)
_BRACKETED = lazy(r"[(（\[【][^)）\]】\n]{0,200}[)）\]】]")
_NOT_WORD = lazy(r"[\W_]+")


def plain(name: str) -> str:
    """A field name as it is compared: no case, no spaces, no remarks in brackets."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _NOT_WORD.sub("", _BRACKETED.sub("", folded)) or _NOT_WORD.sub("", folded)


def role(name: str) -> str | None:
    """What a field of this name is to a document: one of the names in `Fields`, or None."""
    key = plain(name)
    known = _ROLES.get(key)
    if known:
        return known
    if re.fullmatch(r"(?:相似问|相似问法|扩展问|variant|question|similarquestion)\d+", key):
        return "questions"
    return "text" if _TEXTUAL.search(key) and not _PRIVATE.search(key) else None


def is_private(name: str) -> bool:
    """Whether a field is of the kind that no customer may be quoted: people's data, purchase prices."""
    return _PRIVATE.search(plain(name)) is not None


def is_listing(name: str) -> bool:
    """Whether the name is known exactly, which makes a row a header row."""
    return plain(name) in _ROLES
