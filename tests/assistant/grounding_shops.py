"""Four shops of other trades, in four languages: what a writer is shown of each, with the product it is of."""

# ruff: noqa: E501
# Passages are one line each, as a shop keeps them.

CLOTHES = (
    "zh",
    (
        (
            "法式亚麻衬衫 LS-201",
            "面料与版型",
            "LS-201",
            "面料成分：55%亚麻、45%棉。版型偏宽松，肩宽比同码衬衫大2cm。颜色：米白、雾蓝、浅卡其。单件重约210克。",
        ),
        (
            "法式亚麻衬衫 LS-201",
            "尺码表",
            "LS-201",
            "| 尺码 | 衣长(cm) | 胸围(cm) | 建议身高(cm) |\n|---|---|---|---|\n| S | 66 | 104 | 155-160 |\n| M | 68 | 108 | 160-165 |\n| L | 70 | 112 | 165-170 |\n| XL | 72 | 116 | 170-175 |",
        ),
        (
            "法式亚麻衬衫 LS-201",
            "洗涤",
            "LS-201",
            "30℃以下冷水手洗，不可漂白，不可烘干，阴凉处晾干。首次洗涤请单独洗，可能有轻微浮色。熨烫温度不超过110℃。",
        ),
        ("法式亚麻衬衫 LS-201", "价格", "LS-201", "日常价269元，会员价239元。两件9折。"),
        (
            "轻羽绒服 DW-90",
            "商品描述",
            "DW-90",
            "填充90%白鸭绒，M码充绒量85克，蓬松度650+。M码整件约380克。可机洗：使用羽绒专用洗涤剂，水温不超过30℃，低温烘干。价格599元。",
        ),
        (
            "轻羽绒服 DW-90 Pro",
            "商品描述",
            "DW-90-PRO",
            "填充95%白鹅绒，M码充绒量110克，蓬松度800+。M码整件约450克。面料防泼水。不可机洗，请干洗。价格899元。",
        ),
        (
            "发货与运费",
            "",
            "",
            "现货订单48小时内发出，预售款一般付款后15个工作日内发出。单笔满199元包邮，不满199元运费8元；新疆、西藏、青海满399元包邮，不满收运费20元。",
        ),
        (
            "退换货",
            "",
            "",
            "签收后10天内可退换，吊牌须完好；贴身衣物、折扣商品不退不换。质量问题退换运费由我们承担，其他原因由买家承担。换货只限同款不同码，每单一次。退款在收到退货后2个工作日内原路退回。",
        ),
        (
            "会员与发票",
            "",
            "",
            "累计消费满1000元升银卡，享98折；满3000元升金卡，享95折。生日当月双倍积分。电子发票在确认收货后3个工作日内发到邮箱。",
        ),
    ),
)

TOOLS = (
    "en",
    (
        (
            "Cordless drill D18",
            "Specifications",
            "D18",
            "18 V brushless motor, maximum torque 55 Nm, no-load speed 0–1,800 rpm, weight 1.4 kg without battery. Comes with one 2.0 Ah battery and a charger; charging takes 45 minutes. Price $129.",
        ),
        (
            "Cordless drill D18X",
            "Specifications",
            "D18X",
            "18 V brushless motor with hammer function, maximum torque 80 Nm, weight 1.9 kg without battery. Comes with two 4.0 Ah batteries; charging takes 60 minutes. Price $199.",
        ),
        (
            "Circular saw CS165",
            "Specifications",
            "CS165",
            "165 mm blade, cutting depth 55 mm at 90° and 38 mm at 45°, weight 3.3 kg, 2.5 m cable. Do not cut metal with the supplied blade. Price $149.",
        ),
        (
            "Circular saw CS165",
            "Maintenance",
            "CS165",
            "Unplug the saw before changing the blade. Check the carbon brushes every 50 hours of use and replace them when they are shorter than 6 mm. Do not use water to clean the housing.",
        ),
        (
            "Cordless drill D18",
            "Error codes",
            "D18",
            "- E1: battery too hot. Let it cool for 30 minutes before charging.\n- E2: motor overload. Release the trigger and reduce the load.\n- E3: battery not recognised. Clean the contacts and reinsert the battery.",
        ),
        (
            "Warranty",
            "",
            "",
            "Tools carry a 3-year warranty, batteries and chargers 1 year. Register within 30 days of purchase to extend the tool warranty to 5 years. The warranty does not cover rental use or worn blades.",
        ),
        (
            "Shipping",
            "",
            "",
            "Orders placed before 2 pm on business days ship the same day. Standard delivery takes 3–5 business days and costs $6.90; it is free for orders over $99. We do not ship batteries by air. Alaska and Hawaii: 7–10 business days.",
        ),
        (
            "Returns",
            "",
            "",
            "Unused tools can be returned within 30 days. Used tools cannot be returned unless they are defective. Refunds are issued within 5 business days after we receive the item. Return shipping is paid by the customer unless the tool is defective.",
        ),
    ),
)

COFFEE = (
    "vi",
    (
        (
            "Cà phê Robusta Đậm 500g",
            "Mô tả",
            "RB500",
            "Rang đậm, hạt nguyên, túi 500 g. Hạn sử dụng 12 tháng kể từ ngày rang; sau khi mở túi nên dùng trong 30 ngày. Giá 145.000đ. Caffeine 2,2%.",
        ),
        (
            "Cà phê Arabica Cầu Đất 250g",
            "Mô tả",
            "AR250",
            "Rang vừa, vị chua nhẹ, hương hoa, túi 250 g. Không thêm đường hay bơ. Hạn sử dụng 9 tháng kể từ ngày rang. Giá 120.000đ. Caffeine 1,2%.",
        ),
        (
            "Phin inox size 8",
            "Mô tả",
            "PH8",
            "Dung tích 180 ml, inox 304, nặng 150 g. Rửa được bằng máy rửa chén. Không dùng trong lò vi sóng. Giá 65.000đ.",
        ),
        (
            "Cách pha phin",
            "",
            "",
            "Dùng 20 g cà phê cho 100 ml nước nóng 92-96°C. Ủ 30 giây với 20 ml nước, sau đó rót phần còn lại và chờ khoảng 4 phút.",
        ),
        (
            "Giao hàng",
            "",
            "",
            "Nội thành TP.HCM giao trong 24 giờ, các tỉnh khác 2-4 ngày. Miễn phí giao hàng cho đơn từ 300.000đ; dưới mức đó phí giao 25.000đ. Không giao vào Chủ nhật.",
        ),
        (
            "Đổi trả và thanh toán",
            "",
            "",
            "Đổi trả trong 7 ngày nếu túi còn nguyên niêm phong. Nhận thanh toán khi nhận hàng và chuyển khoản; không nhận thẻ tín dụng. Hàng lỗi do cửa hàng: cửa hàng chịu phí gửi lại.",
        ),
    ),
)

FRYERS = (
    "th",
    (
        (
            "หม้อทอดไร้น้ำมัน AF-5",
            "รายละเอียด",
            "AF-5",
            "ความจุ 5 ลิตร กำลังไฟ 1,500 วัตต์ น้ำหนัก 4.2 กก. ปรับอุณหภูมิได้ 80-200 องศา ตั้งเวลาได้สูงสุด 60 นาที ราคา 1,990 บาท",
        ),
        (
            "หม้อทอดไร้น้ำมัน AF-8",
            "รายละเอียด",
            "AF-8",
            "ความจุ 8 ลิตร กำลังไฟ 1,800 วัตต์ น้ำหนัก 5.6 กก. มีช่องมองอาหาร ตั้งเวลาได้สูงสุด 90 นาที ราคา 2,690 บาท",
        ),
        (
            "หม้อทอดไร้น้ำมัน AF-5",
            "การดูแล",
            "AF-5",
            "ตะกร้าล้างด้วยเครื่องล้างจานได้ ห้ามนำตัวเครื่องลงน้ำ ถอดปลั๊กก่อนทำความสะอาด รอให้เครื่องเย็นอย่างน้อย 30 นาที",
        ),
        ("การรับประกัน", "", "", "รับประกันตัวเครื่อง 2 ปี สารเคลือบตะกร้า 6 เดือน ไม่รับประกันความเสียหายจากการตกหล่นหรือน้ำเข้า"),
        (
            "การจัดส่ง",
            "",
            "",
            "จัดส่งภายใน 1-2 วันทำการ ส่งฟรีเมื่อซื้อครบ 990 บาท ไม่ถึงคิดค่าส่ง 50 บาท เก็บเงินปลายทางได้ไม่เกิน 3,000 บาท",
        ),
        ("การคืนสินค้า", "", "", "คืนสินค้าได้ภายใน 14 วันหากยังไม่ได้ใช้งาน คืนเงินภายใน 7 วันทำการหลังได้รับสินค้าคืน ค่าส่งคืนลูกค้าเป็นผู้จ่าย"),
    ),
)

SHOPS = {"clothes": CLOTHES, "tools": TOOLS, "coffee": COFFEE, "fryers": FRYERS}
