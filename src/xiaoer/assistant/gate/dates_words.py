"""Names of months, weekdays, parts of the day and near days."""
# ruff: noqa: E501
# Word lists read by row, not by column.

_MONTHS = """
january jan enero janvier januar jänner января январь januari janeiro มกราคม ม.ค. يناير
february feb febrero février februar февраля февраль februari fevereiro กุมภาพันธ์ ก.พ. فبراير
march mar marzo mars märz марта март maret mac março มีนาคม มี.ค. مارس
april apr abril avril апреля апрель เมษายน เม.ย. أبريل
may mayo mai мая май mei maio พฤษภาคม พ.ค. مايو
june jun junio juin juni июня июнь jun junho มิถุนายน มิ.ย. يونيو
july jul julio juillet juli июля июль julai julho กรกฎาคม ก.ค. يوليو
august aug agosto août августа август agustus ogos สิงหาคม ส.ค. أغسطس
september sep sept septiembre septembre сентября сентябрь setembro กันยายน ก.ย. سبتمبر
october oct octubre octobre oktober октября октябрь outubro ตุลาคม ต.ค. أكتوبر
november nov noviembre novembre ноября ноябрь novembro พฤศจิกายน พ.ย. نوفمبر
december dec diciembre décembre dezember декабря декабрь desember disember dezembro ธันวาคม ธ.ค. ديسمبر
"""
MONTHS = {name: index + 1 for index, line in enumerate(_MONTHS.strip().splitlines()) for name in line.split()}

WEEKDAYS = (
    r"(周一|星期一|礼拜一|\bmondays?\b|(?-i:\bMon\b)|(?:(?<=từ )|(?<=đến )|(?<=vào )|(?<=ngày )|(?<=các )|(?<=tới )|(?<=[-–] )|(?<=[-–]))thứ (?:hai|2)\b|thứ (?:hai|2)(?= ?(?:đến|tới|-|–|hàng tuần))|(?:วัน|(?<=[-–])|(?<=[-–] )|(?<=ถึง)|(?<=ถึง ))จันทร์|月曜|월요일|понедельник\w*|\blunes\b|\blundi\b|\bmontags?\b|segunda-feira|\b(?:senin|isnin)\b|الاثنين)",
    r"(周二|星期二|礼拜二|\btuesdays?\b|(?-i:\bTues?\b)|(?:(?<=từ )|(?<=đến )|(?<=vào )|(?<=ngày )|(?<=các )|(?<=tới )|(?<=[-–] )|(?<=[-–]))thứ (?:ba|3)\b|thứ (?:ba|3)(?= ?(?:đến|tới|-|–|hàng tuần))|(?:วัน|(?<=[-–])|(?<=[-–] )|(?<=ถึง)|(?<=ถึง ))อังคาร|火曜|화요일|вторник\w*|\bmartes\b|\bmardi\b|\bdienstags?\b|terça-feira|\bselasa\b|الثلاثاء)",
    r"(周三|星期三|礼拜三|\bwednesdays?\b|(?-i:\bWed\b)|(?:(?<=từ )|(?<=đến )|(?<=vào )|(?<=ngày )|(?<=các )|(?<=tới )|(?<=[-–] )|(?<=[-–]))thứ (?:tư|4)\b|thứ (?:tư|4)(?= ?(?:đến|tới|-|–|hàng tuần))|(?:วัน|(?<=[-–])|(?<=[-–] )|(?<=ถึง)|(?<=ถึง ))พุธ|水曜|수요일|сред[ауы]\b|\bmiércoles\b|\bmercredi\b|\bmittwochs?\b|quarta-feira|\brabu\b|الأربعاء)",
    r"(周四|星期四|礼拜四|\bthur(?:s|sday)?s?\b|(?:(?<=từ )|(?<=đến )|(?<=vào )|(?<=ngày )|(?<=các )|(?<=tới )|(?<=[-–] )|(?<=[-–]))thứ (?:năm|5)\b|thứ (?:năm|5)(?= ?(?:đến|tới|-|–|hàng tuần))|(?:วัน|(?<=[-–])|(?<=[-–] )|(?<=ถึง)|(?<=ถึง ))พฤหัส(?:บดี)?|木曜|목요일|четверг\w*|\bjueves\b|\bjeudi\b|\bdonnerstags?\b|quinta-feira|\b(?:kamis|khamis)\b|الخميس)",
    r"(周五|星期五|礼拜五|\bfridays?\b|(?-i:\bFri\b)|(?:(?<=từ )|(?<=đến )|(?<=vào )|(?<=ngày )|(?<=các )|(?<=tới )|(?<=[-–] )|(?<=[-–]))thứ (?:sáu|6)\b|thứ (?:sáu|6)(?= ?(?:đến|tới|-|–|hàng tuần))|(?:วัน|(?<=[-–])|(?<=[-–] )|(?<=ถึง)|(?<=ถึง ))ศุกร์|金曜|금요일|пятниц\w*|\bviernes\b|\bvendredi\b|\bfreitags?\b|sexta-feira|\b(?:jumat|jumaat)\b|الجمعة)",
    r"(周六|星期六|礼拜六|\bsaturdays?\b|(?-i:\bSat\b)|(?:(?<=từ )|(?<=đến )|(?<=vào )|(?<=ngày )|(?<=các )|(?<=tới )|(?<=[-–] )|(?<=[-–]))thứ (?:bảy|7)\b|thứ (?:bảy|7)(?= ?(?:đến|tới|-|–|hàng tuần))|(?:วัน|(?<=[-–])|(?<=[-–] )|(?<=ถึง)|(?<=ถึง ))เสาร์|土曜|토요일|суббот\w*|\bsábado\b|\bsamedi\b|\bsamstags?\b|\bsabtu\b|السبت)",
    r"(周日|周天|星期日|星期天|礼拜天|\bsundays?\b|(?-i:\bSun\b)|chủ nhật|(?:วัน|(?<=[-–])|(?<=[-–] )|(?<=ถึง)|(?<=ถึง ))อาทิตย์|日曜|일요일|воскресень\w*|\bdomingo\b|\bdimanche\b|\bsonntags?\b|\b(?:minggu|ahad)\b|الأحد)",
)
"""One pattern a weekday, Monday first."""

PERIODS = {
    **dict.fromkeys(("上午", "早上", "早晨", "凌晨", "清晨", "午前", "오전", "sáng"), "am"),
    **dict.fromkeys(("下午", "晚上", "傍晚", "晚间", "夜里", "晚", "午后", "夜", "오후", "저녁", "chiều", "tối"), "pm"),
    **dict.fromkeys(("早", "中午"), ""),
}

APM = r"(?P<apm>a\.?m\.?|p\.?m\.?)(?![a-z])"

RELATIVE = {
    "dayafter": r"后天|明後日|\bday after tomorrow\b|ngày kia|มะรืน|あさって|모레|послезавтра|pasado mañana|après-demain|übermorgen|\blusa\b|بعد غد",
    "tomorrow": r"明天|明日|明早|明晚|\btomorrow\b|ngày mai|พรุ่งนี้|あした|내일|\bзавтра\b|(?<!la )(?<!por la )\bmañana\b(?! por)|\bdemain\b|\bbesok\b|\besok\b|amanhã|(?<!jeden )(?<!guten )\bmorgen\b|غدا",
    "nextday": r"次日|第二天|隔天|翌日|\bnext[- ](?:business |working )?day\b|ngày hôm sau|วันถัดไป|다음 ?날|следующий день|día siguiente|le lendemain|am nächsten tag|keesokan harinya",
    "sameday": r"当天|当日|即日|同一天|\bsame[- ]day\b|trong ngày\b|ภายในวันเดียวกัน|당일|в тот же день|el mismo día|le jour même|am selben tag|hari yang sama",
    "today": r"今天|今日|今晚|\btoday\b|\btonight\b|hôm nay|วันนี้|きょう|오늘|\bсегодня\b|\bhoy\b|aujourd'hui|\bheute\b|\bhari ini\b|اليوم",
    "nextweek": r"下周(?![一二三四五六日])|\bnext week\b|tuần (?:sau|tới)|สัปดาห์หน้า|来週|来周|다음 ?주|на следующей неделе|la próxima semana|la semaine prochaine|nächste woche|minggu depan",
    "weekend": r"周末|\bweekends?\b|cuối tuần|สุดสัปดาห์|週末|주말|выходны\w+|fines? de semana|week-end|wochenende|akhir (?:pekan|minggu)",
    "holiday": r"节假日|\b(?:public |national )?holidays?\b|ngày lễ|วันหยุด(?:นักขัตฤกษ์)?|祝日|공휴일|праздник\w*|(?:días )?festivos|jours fériés|feiertag\w*|hari libur|feriados?",
    "anytime": r"全年无休|24/7|around the clock|\bday and night\b|\bany ?time\b|全天候",
}
"""Words for near days and the like."""
