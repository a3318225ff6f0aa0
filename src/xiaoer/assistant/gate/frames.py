"""Sentences that state nothing about the shop: courtesy, not knowing, questions back, and sending people to staff."""
# ruff: noqa: E501
# Word lists read by row, not by column.

import re

from xiaoer.patterns import lazy

_COURTESY = lazy(
    r"您好|你好|(?:早上|上午|中午|下午|晚上)好|^[\s]*亲[爱的]*[，,~!！]?|欢迎(?:光临|咨询|来到|您|选购)[^，。！？]*|(?:非常|十分|很)?(?:感谢|谢谢|多谢)[^，。！？]*|"
    r"(?:实在|非常|十分|很)?(?:抱歉|对不起|不好意思|遗憾)(?:给您带来[^，。！？]*)?|很?高兴[^，。！？]{0,60}(?:服务|解答|帮|您)[^，。！？]*|不客气|不用谢|"
    r"(?:希望|但愿)[^，。！？]{0,60}(?:帮助|帮到|满意|有用|愉快|解决)[^，。！？]*|祝您[^。！？]*|(?:请)?(?:您)?(?:稍等|放心|不要着急|别着急|别担心|理解|谅解|见谅|参考|知悉)[^，。！？]{0,6}|"
    r"(?:如果?|若|如有|有)(?:您|你|还)?(?:还)?(?:有|需|需要|想)?(?:任何|其他|其它|更多|什么|进一步)?的?(?:疑问|问题|需要|需求|帮助|疑惑)[^，。！？]*|"
    r"(?:请|欢迎|可以|您可以|可)?(?:随时|尽管)(?:都可以|可以)?(?:联系|咨询|告诉|告知|提问|问|找|留言)[^，。！？]*|^(?:好的?|嗯|明白|了解|收到|没问题|当然可?以?|理解您的[^，。！？]*|我(?:很)?理解[^，。！？]*)(?:的|了|呢|哦)?|"
    r"(?:请|麻烦|烦请|劳烦|辛苦|方便)(?:您|你)?(?:先|再)?(?:提供|告知|告诉|发送|发一下|说明|描述|上传|回复|补充|留下|核对)[^，。！？]*|"
    r"(?:更多)?详情?(?:请|可)?(?:见|查看|参考|访问|参阅|点击|登录)(?:以下|下方|我们的?)?(?:链接|官网|网址|网站|页面)?[:：]?|很?乐意[^，。！？]*|我是[^，。！？]{0,10}(?:助手|客服|小二)[^，。！？]*|^(?:以下|具体|详情|详细(?:信息|内容)?|相关(?:信息|规定))[^，。！？\d]{0,10}(?:如下|是|为)?[:：]?$|"
    r"(?:根据|依据|按照|参考|结合|从)[^，。！？\d]{0,14}(?:信息|资料|规定|政策|说明|内容|介绍|规则|知识库|文档|来看|条款)[，,:：]?|"
    r"我(?:们)?会?(?:尽力|很乐意|竭诚|尽量)[^，。！？]*|我可以帮您[^，。！？]{0,6}(?:吗|什么)|还有(?:什么|其他)[^，。！？]*",
    re.IGNORECASE,
)
_COURTESY_WORDS = lazy(
    r"\b(?:hello|hi|hey|dear customer|good (?:morning|afternoon|evening|day)|welcome(?: to [^.,!?]*)?|you're welcome|my pleasure|no problem|certainly|of course|great question|"
    r"(?:many )?thanks?(?: you)?(?: (?:so|very) much)?(?: for [^.,!?]*| and [^.,!?]*)?|thank you[^.,!?]*|(?:i'?m|we'?re|i am|we are)? ?(?:very |so |really )?(?:sorry|apologi[sz]e)[^.,!?]*|apologies[^.,!?]*|"
    r"i (?:completely |fully )?understand[^.,!?]*|i(?:'d| would|'ll| will|'m| am)? be (?:happy|glad) to (?:help|assist)[^.,!?]*|(?:happy|glad) to help[^.,!?]*|(?:i )?hope (?:this|that|it) helps?[^.,!?]*|"
    r"(?:could you |can you |would you )?(?:please |kindly )(?:provide|send|share|tell|give|confirm|describe|upload|let)\b[^.!?]*|(?:please )?(?:feel free|don't hesitate)[^.!?]*|if you (?:have|need) (?:any )?(?:other |further |more )?(?:questions?|help|assistance|concerns?)[^.!?]*|have a (?:nice|great|good|wonderful) (?:day|one|evening)|"
    r"let (?:me|us) know[^.!?]*|i'?m here to help[^.!?]*|(?:according to|based on|per|as per|under) (?:our|the|your) [^.,!?\d]{0,40}(?:policy|policies|information|guide|records?|terms|rules?|documents?)?,|here (?:is|are) [^.!?\d]{0,120}:?$|please note(?: that)?)",
    re.IGNORECASE,
)
_COURTESY_OTHER = lazy(
    r"\b(?:không có (?:gì|chi)(?: đâu)?(?: ạ)?|xin chào|chào (?:bạn|anh|chị|quý khách)[^.,!?]*|dạ|vâng|cảm ơn[^.,!?]*|(?:xin lỗi|rất tiếc)[^.,!?]*|hy vọng[^.,!?]*|rất vui[^.,!?]*|chúc[^.!?]*|nếu (?:bạn |quý khách |anh |chị )?(?:có|cần) (?:thêm )?(?:bất kỳ )?(?:câu hỏi|thắc mắc|hỗ trợ|giúp đỡ)[^.!?]*|"
    r"đừng ngần ngại[^.!?]*|vui lòng (?:cung cấp|cho (?:tôi |shop |chúng tôi )?biết|gửi)[^.!?]*|theo (?:chính sách|thông tin|quy định)[^.,!?\d]{0,30},)|"
    r"(?:กรุณา|รบกวน|โปรด)(?:แจ้ง|ส่ง|ระบุ|ให้|บอก)[^.!?\n]*|สวัสดี\S*|ขอบคุณ[^.!?\n]*|ขออภัย[^.!?\n]{0,40}|ขอโทษ\S{0,20}|ยินดี(?:ให้บริการ|ต้อนรับ|ช่วยเหลือ|ค่ะ|ครับ)\S*|หากมี(?:คำถาม|ข้อสงสัย)[^.!?\n]*|หวังว่า[^.!?\n]*|"
    r"ขอให้[^.!?\n\d]*|どういたしまして|良い一日を[^。！？]*|천만에요|별말씀을요|좋은 하루[^.!?]*|\b(?:не за что|хорошего дня|всего доброго)\b|"
    r"\b(?:que tengas?|un placer|feliz día|por nada|tenha um|bonne (?:journée|soirée)|avec plaisir|schönen tag|gerne wieder|sama-sama|semoga)\b[^.!?]*|على الرحب[^.!?،]*|العفو|يوم[اً]? سعيد\S*|"
    r"こんにちは|いらっしゃいませ|ありがとうございます?(?:ました)?|お問い合わせ[^。！？]{0,12}ありがとう[^。！？]*|申し訳(?:ございません|ありません)[^。！？]{0,4}|恐れ入りますが|かしこまりました|承知(?:しました|いたしました)|ご不明な点[^。！？]*|お気軽に[^。！？]*|"
    r"안녕하세요\S*|감사합니다|죄송합니다(?:만)?|문의해? ?주셔서 감사합니다|궁금한 점[^.!?]*|언제든지[^.!?]*|"
    r"\b(?:здравствуйте|добрый день|привет|спасибо[^.,!?]*|извините|к сожалению|пожалуйста|рад[аы]? помочь|если у вас[^.!?]{0,80}вопрос[^.!?]*|обращайтесь[^.!?]*)\b|"
    r"(?:¡?hola|buenos días|buenas tardes|gracias[^.,!?]*|lo siento[^.,!?]*|lamento[^.,!?]*|con gusto|de nada|espero que[^.!?]*|si tiene[^.!?]{0,80}(?:pregunta|duda)[^.!?]*|no dude[^.!?]*|olá|bom dia|obrigad[oa][^.,!?]*|desculpe[^.,!?]*|de nada|"
    r"bonjour|merci[^.,!?]*|désolée?[^.,!?]*|je vous en prie|n'hésitez pas[^.!?]*|si vous avez[^.!?]{0,80}question[^.!?]*|(?<!\w)hallo|guten (?:tag|morgen|abend)|danke[^.,!?]*|vielen dank[^.,!?]*|tut mir leid[^.,!?]*|es tut uns leid[^.,!?]*|gern(?:e)?(?: geschehen)?|"
    r"bei (?:weiteren )?fragen[^.!?]*|halo|selamat (?:pagi|siang|sore|malam|datang|tengah hari|petang)|terima kasih[^.,!?]*|mohon maaf[^.,!?]*|maaf[^.,!?]*|jika ada pertanyaan[^.!?]*|jangan ragu[^.!?]*|مرحبا\w*|أهلا\w*|شكرا[^.,!?،]*|عذرا|نعتذر[^.!?،]*)",
    re.IGNORECASE,
)
_APOLOGY = lazy(
    r"抱歉|对不起|不好意思|遗憾|\bsorry\b|\bapolog|xin lỗi|rất tiếc|ขออภัย|ขอโทษ|申し訳|恐れ入り|すみません|죄송|"
    r"извините|к сожалению|lo siento|lamento|desculpe|désolé|tut (?:mir|uns) leid|maaf|عذرا|نعتذر",
    re.IGNORECASE,
)
_UNKNOWN = lazy(
    r"(?:无法|不能|没法|没办法|暂时?(?:无法|不能|没有)|不便|不敢|不太?)(?:为您|给您|直接|准确|马上|立即|在此)?(?:确认|确定|回答|解答|判断|提供|答复|保证|承诺|核实|告知|查到|查询到|给出|清楚|了解)|(?:没有|未能?|并未|尚未|暂无|没)(?:查到|找到|查询到|搜索到|获取到|收到|提及|提到|说明|看到|写明|注明|涉及|包含|给出|明确)|"
    r"(?:没有|暂无|缺少|无)(?:[^，。！？]{0,8})(?:相关|这方面|具体|更多|足够|该|此)?的?(?:信息|资料|说明|记录|内容|数据|答案|介绍)(?!费|卡)|不(?:清楚|知道|确定|了解)|需要?(?:人工|进一步)?(?:核实|确认)|"
    r"(?:资料|信息|说明|页面|详情|文档|材料|记录|参数)(?:里|中|上|内|里面)?(?:也|都|暂时?|目前|并|还|尚)?(?:没有?|未)(?=[^，。！？；]{0,16}(?:[，。！？；]|$))|(?:没有?|未)(?:写明?|标明|标注|列出|注明|载明|体现)|"
    r"\b(?:information|material|page|listing|description|text) (?:\w+ ){0,3}(?:says? nothing|is silent)\b|"
    r"thông tin (?:\w+ ){0,4}(?:không|chưa) (?:ghi|nêu|nói|đề cập)|(?:không|chưa) (?:được )?(?:ghi|nêu) (?:rõ|cụ thể)|"
    r"(?:ไม่ได้|ยังไม่ได้|ไม่)(?:ระบุ|บอกไว้|กล่าวถึง|เขียนไว้)|"
    r"(?:记载|記載|明记|明記|言及)(?:が|は|も)?(?:ありません|ございません|されていません|されておりません)|书かれていません|書かれていません|"
    r"(?:기재|명시|언급|안내)(?:되어|돼) ?있지 않|나와 ?있지 않|적혀 ?있지 않|"
    r"не (?:упомянут\w*|сказано|говорится|написано)|"
    r"no (?:se )?(?:indica|menciona|especifica|dice|figura|aparece|consta)\w*|não (?:se )?(?:indica|menciona|especifica|diz|consta|informa)\w*|"
    r"\bne (?:précise|mentionne|dit|figure|contient)\w* pas|n'(?:indique|est|en parle)\w* pas (?:indiqué|précisé|mentionné)?|\bnicht (?:angegeben|erwähnt|genannt|aufgeführt|vermerkt)|"
    r"tidak (?:disebutkan|tercantum|dijelaskan|dinyatakan|disebut|tertulis)|لم (?:يذكر|تذكر|يرد|ترد)|غير مذكور|لا (?:تذكر|يذكر)|"
    r"\b(?:can(?:not|'t)|could(?: not|n't)|(?:am|are|is|was|were) (?:unable|not able) to|(?:do|does|did)(?: not|n't)) (?:\w+ ){0,2}(?:confirm|verify|find|answer|tell|say|know|guarantee|promise|have (?:\w+ ){0,5}(?:information|details|record|data)|see|mention|specify|state|include (?:this|that|any) information)|\b(?:not (?:sure|certain|mentioned|specified|stated|provided)|no (?:\w+ ){0,3}(?:information|details|mention|record))\b|\bunable to (?:confirm|find|answer|verify)|"
    r"(?:không thể|chưa thể|không) (?:xác nhận|trả lời|khẳng định|tìm thấy|biết|rõ|chắc|xác minh)|(?:chưa|không) (?:có|tìm thấy|thấy) (?:\w+ ){0,3}thông tin|chưa rõ|"
    r"(?:ไม่สามารถ|ไม่อาจ|ยังไม่สามารถ)(?:ยืนยัน|ตอบ|ให้ข้อมูล|ระบุ|ตรวจสอบ)|(?:ไม่มี|ไม่พบ|ยังไม่มี)ข้อมูล|ไม่ทราบ|ไม่แน่ใจ|"
    r"(?:確認|お答え|回答|确认|断定|ご案内)(?:が|は|を)?(?:でき(?:ません|かね)|いたしかね)|分かりません|わかりません|情報(?:が|は)(?:ございません|ありません|見つかりません)|(?:확인|답변|안내)(?:해 ?드릴|할|이|은)? ?(?:수 ?없|어렵|불가)|정보가 없|모르|"
    r"не (?:могу|можем) (?:\w+ )?(?:подтвердить|ответить|сказать|найти|проверить)|нет (?:\w+ )?(?:информации|данных|сведений)|не (?:указан\w*|знаю|уверен\w*|наш\w+)|"
    r"no (?:puedo|podemos) (?:confirmar|responder|asegurar|encontrar|garantizar)|no (?:tengo|tenemos|hay|dispongo de|encuentro|encontré) (?:\w+ )?información|não (?:posso|podemos|consigo) (?:confirmar|responder)|não (?:tenho|temos|há|encontrei) (?:\w+ )?informaç|"
    r"(?:ne|n')\s?(?:peux|pouvons|peut|suis|trouve|dispose|ai|avons) pas (?:\w+ )?(?:confirmer|répondre|vous confirmer|sûre?|d'information|cette information|de renseignement)?|(?:kann|können|konnte) (?:\w+ ){0,4}nicht (?:bestätigen|beantworten|sagen|finden|prüfen)|(?:keine|liegen mir keine) (?:\w+ )?(?:information|angaben|auskunft)\w*|"
    r"(?:tidak|belum|tak) (?:dapat|bisa|boleh) (?:mem\w+|meng\w+|men\w+|memastikan|konfirmasi|mengesahkan)|tidak (?:ada|menemukan|mempunyai|memiliki) (?:\w+ )?(?:informasi|maklumat)|لا (?:يمكنني|أستطيع|نستطيع|يمكننا) (?:تأكيد|الإجابة|التأكد)|لا (?:تتوفر|توجد|أملك) (?:\w+ )?معلومات",
    re.IGNORECASE,
)
_TO_STAFF = lazy(
    r"(?:建议|请|可以?|需要?|欢迎|烦请|麻烦)(?:您|你)?(?:[^，。！？\d]{0,8})?(?:联系|咨询|询问|转|找|向)[^，。！？\d]{0,12}(?:客服|人工|店家|商家|我们|卖家|售后|工作人员|门店|官方|店铺)[^，。！？\d]{0,10}|转(?:接)?人工(?:客服)?(?:处理|咨询|服务|核实|确认|为您)?|"
    r"\b(?:please |you (?:can|may|could) |i (?:suggest|recommend) (?:you )?(?:to )?)?(?:contact(?:ing)?|reach(?:ing)? out to|ask(?:ing)?|speak(?:ing)? (?:to|with)|talk(?:ing)? to|check(?:ing)? with)(?: with)? (?:our |the |a |us\b)[^.,!?\d]*|"
    r"(?:vui lòng |hãy |bạn có thể )?liên hệ (?:với )?(?:nhân viên|chúng tôi|bộ phận|shop|cửa hàng|chăm sóc|CSKH|tổng đài)[^.,!?\d]*|(?:กรุณา|โปรด|สามารถ|รบกวน)?(?:ติดต่อ|สอบถาม)(?:กับ)?(?:เจ้าหน้าที่|พนักงาน|ฝ่าย|ทางร้าน|เรา|แอดมิน|ร้าน)[^.!?\d\n]*|"
    r"(?:担当者|カスタマー|スタッフ|サポート)[^。！？\d]{0,10}(?:お問い合わせ|ご連絡|ご相談)[^。！？]{0,8}|(?:상담원|고객센터|매장)[^.!?\d]{0,10}(?:문의|연락)[^.!?]{0,10}|"
    r"(?:обратитесь|свяжитесь|напишите|спросите)[^.!?\d]{0,40}|(?:contacte|comuníquese|póngase en contacto|entre em contato|contate|contactez|veuillez contacter|adressez-vous|wenden sie sich|kontaktieren sie|hubungi|silakan hubungi|sila hubungi|يرجى (?:الاتصال|التواصل)|تواصل مع)[^.!?\d]{0,60}",
    re.IGNORECASE,
)
_OFFER = lazy(
    r"(?:(?:需要的话)?(?:可以|可)?(?:我|我们|这边|小二)?(?:来|可以|会|这就|马上|立即|先)?(?:帮|替|为|给)(?:您|你)(?:再)?(?:转|问|查|核实|确认|联系|咨询|反馈|记录)[^，。！？]*)|"
    r"(?:同事|客服|专员|人工|工作人员)(?:会|可以|将|能)?(?:帮|为|给|替)?(?:您|你)?(?:核实|确认|查询|查看|解答|回复|处理)[^，。！？]*|"
    r"\b(?:a|our|my) (?:colleague|team|staff|agent|specialist)s?(?: member)? (?:can|could|may|will) (?:check|help|confirm|look|find|answer|assist|tell|get back)[^.!?]*|\b(?:i(?:'ll| will| can)|let me|i would|i'd) (?:be glad to )?(?:check with|ask|transfer|connect|forward|pass|find out|hand)[^.!?]*|"
    r"(?:để|cho) (?:tôi|em|mình|shop) (?:hỏi|kiểm tra|chuyển|nhờ)[^.!?]*|(?:nhân viên|đồng nghiệp|bên em|shop) (?:\w+ )?(?:sẽ|có thể) (?:kiểm tra|hỗ trợ|xác nhận|liên hệ|trả lời)[^.!?]*|"
    r"(?:\S{0,20})?จะ(?:ให้|ขอให้|ส่งต่อ|ประสาน|สอบถาม|โอน)[^.!?\n]*|(?:担当者|スタッフ|係)(?:に|が|より)[^。！？]{0,12}(?:確認|おつなぎ|お繋ぎ|ご案内|回答)[^。！？]*|"
    r"(?:상담원|담당자|직원)(?:이|가|에게|께)? ?[^.!?]{0,10}(?:확인|연결|안내|문의)[^.!?]*|\b(?:коллега|сотрудник|оператор|менеджер)\w* (?:уточнит|проверит|поможет|ответит|может)[^.!?]*|\b(?:я )?(?:уточню|передам|спрошу)[^.!?]*|"
    r"\bun (?:compañero|colega|agente) (?:puede|podrá|le)[^.!?]*|\b(?:lo consultaré|le paso|te paso)[^.!?]*|\bum (?:colega|atendente) (?:pode|vai)[^.!?]*|\b(?:vou verificar|vou perguntar)[^.!?]*|"
    r"\bun (?:collègue|conseiller) (?:peut|pourra|va)[^.!?]*|\bje (?:vais demander|vous transfère|me renseigne)[^.!?]*|\bein[e]? (?:kolleg\w+|mitarbeiter\w*) (?:kann|wird|hilft)[^.!?]*|\bich (?:frage|leite|gebe)[^.!?]*|"
    r"\b(?:rekan|staf|tim|petugas|kakitangan) (?:\w+ )?(?:dapat|bisa|boleh|akan)[^.!?]*|\b(?:saya|kami) (?:akan )?(?:tanyakan|teruskan|sambungkan|tanya)[^.!?]*|(?:يمكن|سوف|سيقوم) (?:لزميل|زميل|أحد الزملاء|لأحد)[^.!?]*|(?:سأسأل|سأحولك|سأحيل)[^.!?]*",
    re.IGNORECASE,
)
_QUESTION_END = lazy(
    r"[?？؟][\s”」』\"'*😊🙂]*$|(?:吗|呢|么|吧)[。~！!\s]*$|(?:ไหม|มั้ย|หรือเปล่า|หรือไม่)(?:คะ|ครับ|ค่ะ)?\s*$|(?:ですか|ますか|でしょうか)[。\s]*$|(?:까요|나요|니까|가요)[.?\s]*$"
)
_TURN = lazy(
    r"[，,；;。.]\s*(?=但|不过|可是|然而|只是)|(?=但是|不过(?!\d)|然而)|\b(?=(?:but|however|though|nhưng|tuy nhiên|но|однако|pero|mas|porém|mais|cependant|aber|jedoch|tapi|tetapi|namun)\b)|(?=แต่)|(?=しかし|ただし)|(?=하지만|그러나)|(?=لكن)",
    re.IGNORECASE,
)
_COMMA = lazy(r"[，,；;：:。.!！]\s*|(?<=ครับ)\s|(?<=ค่ะ)\s")
_IF = r"(?:如果|若|如|假如|要是|当|只要|if|when|in case|once|nếu|khi|หาก|ถ้า|もし|만약|если|когда|si|cuando|quando|se|caso|wenn|falls|sofern|jika|kalau|apabila|إذا|عند)"
_CONDITION = lazy(rf"^\s*{_IF}", re.IGNORECASE)
_AFTER_IF = lazy(rf"(?<!\w){_IF}\s*$", re.IGNORECASE)
_AFFIRMATION = lazy(
    r"^[\s]*(?:(?:是|对|好|嗯|可以|能|行|支持|有|当然|没问题|包|需要|会)(?:的|呢|哦|啊|呀|哈|亲|可以|支持|有|能|是|您|这样|这个){0,4}|"
    r"yes|yeah|yep|sure|of course|certainly|absolutely|definitely|correct|right|that's (?:right|correct)|(?:yes[, ]+)?(?:you can|we do|it does|it is|it can|they do)|indeed|"
    r"(?:dạ |vâng,? )?(?:có|được|đúng|có thể|phải|đúng vậy|có ạ|được ạ|có chứ|vâng|dạ)(?: ạ| bạn| nhé)?|(?:ได้|ใช่|มี|แน่นอน|รองรับ|ถูกต้อง)(?:ค่ะ|ครับ|เลย|แล้ว|นะ|คะ)*|"
    r"はい|できます|可能です|ございます|そうです|네|예|가능합니다|됩니다|그렇습니다|да|конечно|можно|верно|sí|si|claro|por supuesto|sim|com certeza|oui|bien sûr|ja|natürlich|selbstverständlich|ya|boleh|bisa|tentu|نعم|بالطبع|أكيد)"
    r"[\s，,。.！!~、ใช่ๆ]*$",
    re.IGNORECASE,
)
_ADDRESS = lazy(r"^\s*(?:亲|您好|你好|亲爱的)+\s*$")
_MERE_HEARING = lazy(
    r"^\s*(?:好的?|嗯+|ok|okay|dạ|vâng|かしこまりました|네|예)(?:的|呢|哦|亲)*[\s，,。.！!~]*$", re.IGNORECASE
)
_ASSERTS = lazy(r"支持|可以|享受|提供|包邮|免费|全场|均为|都是|承诺|保证")
_DENIAL = lazy(
    r"^[\s]*(?:不(?:可以|能|行|支持|是|会|需要)?|没有|没|no|nope|không|không có|không được|ไม่|ไม่ได้|ไม่มี|ไม่ใช่|いいえ|できません|ありません|아니요|안 됩니다|нет|não|non|nein|tidak|لا)"
    r"(?:的|呢|哦|亲|ค่ะ|ครับ| ạ)*[\s，,。.！!]*$",
    re.IGNORECASE,
)

_ECHO = lazy(
    r"您(?:说|提|问|讲|提到|说到|提及|描述|反馈|咨询|询问|想|要|是|的)|你(?:说|提|问|的|想|要)|\byou (?:said|mentioned|asked|wrote|want|need|are asking|gave|provided)\b|\byour\b|"
    r"(?:bạn|anh|chị|quý khách) (?:nói|hỏi|đề cập|muốn|cần)|của (?:bạn|anh|chị|quý khách)|คุณ(?:บอก|ถาม|แจ้ง|ต้องการ|พูด|กล่าว)|ของคุณ|ของลูกค้า|お客様|고객님|문의하신|말씀하신|"
    r"\bваш\w*\b|\bвы (?:сказали|спросили|указали|написали)|\bsu\b|\btu\b|usted (?:dijo|mencionó|preguntó)|\bseu\b|\bsua\b|\bvotre\b|\bvous avez\b|\bihr\w*\b|\banda\b|\bkamu\b",
    re.IGNORECASE,
)
_COMMITS = lazy(
    r"可以|支持|没问题|给您|享受|优惠|免|承诺|保证|同意|能够|是的|对的|确实|属实|有效|适用|会|将|"
    r"\b(?:yes|correct|indeed|confirmed?|can|will|we|offer|apply|applies|eligible|entitled|valid|right|sure|agreed?)\b|"
    r"được|đúng|có thể|chúng tôi|sẽ|ได้|ใช่|สามารถ|จะ|はい|できます|いたします|가능|네|맞습니다|можно|да\b|будет|puede|sí\b|claro|pode|sim\b|peut|oui|kann|ja\b|bisa|dapat|ya\b",
    re.IGNORECASE,
)


def is_courtesy_left(text: str) -> str:
    """What is left of a folded sentence when the courtesies are taken out."""
    for pattern in (_COURTESY_WORDS, _COURTESY_OTHER, _COURTESY):
        text = pattern.sub(" ", text)
    return text


def assertions(text: str) -> list[str]:
    """The parts of a folded sentence that assert something; empty for courtesy, questions, not knowing, referrals."""
    return [left for part in _TURN.split(text) if part and (left := _asserted(part)).strip(" ，,。.！!？?；;：:、~-")]


def _asserted(part: str) -> str:
    if _UNKNOWN.search(part):
        return _after_not_knowing(part)
    if _QUESTION_END.search(part):
        return _before_question(part)
    return is_courtesy_left(_TO_STAFF.sub(" ", part))


def _before_question(part: str) -> str:
    """In 'We take cards, do you have one?' the part in front still asserts."""
    pieces = [piece for piece in _COMMA.split(part.rstrip("?？؟ ")) if piece.strip()]
    fronts = [is_courtesy_left(piece) for piece in pieces[:-1] if not _CONDITION.match(piece)]
    return "，".join(front for front in fronts if front.strip())


def _after_not_knowing(part: str) -> str:
    """In '没有提到运费，全场包邮' what stands around the not knowing may assert."""
    pieces = [piece for piece in _COMMA.split(part) if piece.strip()]
    last = max((index for index, piece in enumerate(pieces) if _UNKNOWN.search(piece)), default=len(pieces))
    first = min((index for index, piece in enumerate(pieces) if _UNKNOWN.search(piece)), default=0)
    told = [*pieces[:first], *pieces[last + 1 :]]
    return "，".join(is_courtesy_left(_TO_STAFF.sub(" ", piece)) for piece in told if _ASSERTS.search(piece))


def without_offers(text: str) -> str:
    """A folded sentence without what it offers to have staff find out."""
    return _OFFER.sub(" ", text)


def is_affirmation(text: str) -> bool:
    """Whether a sentence is nothing but yes."""
    pieces = [piece for piece in _COMMA.split(text) if piece.strip(" ~、") and not _ADDRESS.match(piece)]
    return bool(pieces) and all(_AFFIRMATION.match(piece) for piece in pieces) and not _MERE_HEARING.match(text)


def is_denial(text: str) -> bool:
    """Whether a sentence is nothing but no."""
    return bool(_DENIAL.match(text))


def admits_not_knowing(text: str) -> bool:
    """Whether a sentence says that something cannot be confirmed."""
    return bool(_UNKNOWN.search(text))


def is_courtesy(text: str) -> bool:
    """Whether a sentence is nothing but politeness: no question, nothing that cannot be confirmed, nobody to ask."""
    left = is_courtesy_left(text).strip(" ，,。.！!？?；;：:、~-")
    return not left and not _QUESTION_END.search(text)


def is_apology(text: str) -> bool:
    """Whether a sentence is nothing but a word of regret, after which something that is not known may follow."""
    return is_courtesy(text) and bool(_APOLOGY.search(text))


def echoes(text: str) -> bool:
    """Whether a sentence tells the customer's own words back without agreeing to anything."""
    return bool(_ECHO.search(text)) and not _COMMITS.search(text)


def is_condition(text: str, start: int) -> bool:
    """Whether the clause that begins at `start` of a folded text is a condition."""
    return bool(_CONDITION.match(text[start:]) or _AFTER_IF.search(text[max(start - 24, 0) : start]))
