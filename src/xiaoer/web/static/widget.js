/* Xiaoer's chat: one custom element in one file without dependencies. docs/widget.md says how a shop uses it.
   Nothing here ever parses markup: every text becomes text nodes, so a message cannot carry script. */
(() => {
"use strict";
if (customElements.get("xiaoer-chat")) return;

const SCRIPT = document.currentScript;
const HOME = SCRIPT?.src ? new URL(".", SCRIPT.src).href : new URL("/", location.href).href;
const LONGEST = 4000;  // characters a message may have, as the server holds it
const FIRST_BYTE = 20_000, SILENCE = 60_000, UPLOAD = 300_000;  // milliseconds until a call, or a stream, counts as lost
const FILES = "image/png,image/jpeg,image/gif,image/webp,.pdf,.docx,.xlsx,.txt,.csv";
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;  // what the server takes out as well
const PHONE = "(max-width: 560px), (max-height: 440px)";
const COUNTER_FROM = LONGEST - 300;

/* ---- Words ------------------------------------------------------------------------------------------------- */

const WORDS = {
  zh: {
    ai: "AI 客服，可随时转人工", waiting: "正在等待人工客服", staff: "人工客服为您服务", shop: "在线客服",
    greeting: "您好，请问有什么可以帮您？", ask: "请输入您的问题", send: "发送", person: "转人工", asked: "已转人工",
    open: "打开客服对话", close: "关闭对话", more: "更多", fresh: "开始新对话", theme: "外观", auto: "跟随系统",
    light: "浅色", dark: "深色", log: "对话记录", you: "您", machine: "AI 客服", human: "人工客服", below: "新消息",
    typing: "正在回复…", working: "正在查询…", order: "正在查询订单…", logistics: "正在查询物流…",
    stock: "正在查询商品…", ticket: "正在登记工单…", source: "来源 {n}", sources: "来源", read: "查看全文",
    up: "有帮助", down: "没有帮助", thanks: "感谢您的反馈", why: "哪里不满意？", comment: "可以补充说明（选填）",
    reasons: ["答非所问", "信息有误", "不够具体", "没有解决"], submit: "提交", cancel: "取消", handing: "正在为您转接人工客服",
    ahead: "前面还有 {n} 位", number: "工单号 {n}", back: "现在由 AI 客服继续为您服务", joined: "{name} 已接入",
    failed: "没有发送成功", retry: "重试", edit: "修改", soon: "{detail}（{n} 秒后可重试）", busy: "发送得有点快，请稍候",
    offline: "网络已断开，恢复后会自动重连", again: "连接中断，正在重新连接…", lost: "回答没有收完，请重试",
    ended: "上次对话已结束，已为您开始新对话", confirm: "请确认这项修改", yes: "确认", no: "暂不修改", until: "{time} 前有效",
    expired: "已过期，请重新提出", done: "已确认", refused: "未作修改", keys: "Enter 发送，Shift + Enter 换行", now: "刚刚",
    unread: "{n} 条新消息", left: "还可输入 {n} 字", over: "超出 {n} 字", broken: "现在无法连接客服，请稍后再试",
    judge: "请为本次服务打分", points: "{n} 分（满分 5 分）", solved: "问题已解决", unsolved: "没有解决",
    attach: "发送图片或文件", file: "文件", erased: "文件已于 {date} 删除", uploading: "正在发送…", large: "文件太大了，请发送小一些的",
    unfit: "只能发送图片、PDF、Word、Excel 或文本文件", about: "咨询的商品", drop: "不针对这件商品提问",
  },
  en: {
    ai: "AI assistant. A person is one tap away", waiting: "Waiting for a person", staff: "You are talking to our team",
    shop: "Customer service", greeting: "Hello, how can we help you?", ask: "Ask a question", send: "Send",
    person: "Talk to a person", asked: "Person requested", open: "Open chat", close: "Close chat", more: "More",
    fresh: "New conversation", theme: "Appearance", auto: "System", light: "Light", dark: "Dark", log: "Conversation",
    you: "You", machine: "AI assistant", human: "Our team", below: "New", typing: "Writing a reply…",
    working: "Looking that up…", order: "Looking up your order…", logistics: "Looking up the delivery…",
    stock: "Looking up the product…", ticket: "Opening a ticket…", source: "Source {n}", sources: "Sources",
    read: "Read the page", up: "Helpful", down: "Not helpful", thanks: "Thank you for the feedback",
    why: "What was wrong?", comment: "Anything to add (optional)", submit: "Submit", cancel: "Cancel",
    reasons: ["Off the point", "Incorrect", "Too vague", "Not solved"], handing: "Connecting you to a person",
    ahead: "{n} ahead of you", number: "Ticket {n}", back: "The AI assistant is answering again",
    joined: "{name} has joined", failed: "Not sent", retry: "Retry", edit: "Edit", soon: "{detail} (retry in {n} s)",
    busy: "That was a little fast. Please wait a moment", offline: "You are offline. The chat reconnects by itself",
    again: "Connection lost. Reconnecting…", lost: "The answer did not arrive in full. Please retry",
    ended: "The last conversation has ended. This is a new one", confirm: "Please confirm this change", yes: "Confirm",
    no: "Keep as it is", until: "Valid until {time}", expired: "This has expired. Please ask again", done: "Confirmed",
    refused: "Nothing was changed", keys: "Enter to send, Shift + Enter for a new line", now: "just now",
    unread: "{n} new messages", left: "{n} characters left", over: "{n} characters too many",
    broken: "The chat cannot be reached right now. Please try again later",
    judge: "How was our service?", points: "{n} out of 5", solved: "Solved", unsolved: "Not solved",
    attach: "Send a picture or file", file: "File", erased: "This file was erased on {date}", uploading: "Sending…", large: "This file is too large. Please send a smaller one",
    unfit: "Only pictures, PDF, Word, Excel and text files can be sent",
    about: "You are asking about", drop: "Do not ask about this product",
  },
  vi: {
    ai: "Trợ lý AI, có thể gặp nhân viên bất cứ lúc nào", waiting: "Đang chờ nhân viên",
    staff: "Nhân viên đang hỗ trợ bạn", shop: "Chăm sóc khách hàng", greeting: "Xin chào, chúng tôi có thể giúp gì cho bạn?",
    ask: "Nhập câu hỏi của bạn", send: "Gửi", person: "Gặp nhân viên", asked: "Đã gọi nhân viên", open: "Mở trò chuyện",
    close: "Đóng trò chuyện", more: "Thêm", fresh: "Cuộc trò chuyện mới", theme: "Giao diện", auto: "Theo hệ thống",
    light: "Sáng", dark: "Tối", log: "Cuộc trò chuyện", you: "Bạn", machine: "Trợ lý AI", human: "Nhân viên",
    below: "Tin mới", typing: "Đang trả lời…", working: "Đang tra cứu…", order: "Đang tra cứu đơn hàng…",
    logistics: "Đang tra cứu vận chuyển…", stock: "Đang tra cứu sản phẩm…", ticket: "Đang tạo phiếu hỗ trợ…",
    source: "Nguồn {n}", sources: "Nguồn", read: "Xem toàn văn", up: "Hữu ích", down: "Không hữu ích",
    thanks: "Cảm ơn phản hồi của bạn", why: "Điều gì chưa ổn?", comment: "Bổ sung thêm (không bắt buộc)",
    reasons: ["Không đúng câu hỏi", "Sai thông tin", "Chưa cụ thể", "Chưa giải quyết"], submit: "Gửi", cancel: "Hủy",
    handing: "Đang kết nối bạn với nhân viên", ahead: "Còn {n} người phía trước", number: "Mã phiếu {n}",
    back: "Trợ lý AI tiếp tục hỗ trợ bạn", joined: "{name} đã tham gia", failed: "Chưa gửi được", retry: "Thử lại",
    edit: "Sửa", soon: "{detail} (thử lại sau {n} giây)", busy: "Bạn gửi hơi nhanh, vui lòng đợi một chút",
    offline: "Mất mạng. Sẽ tự kết nối lại khi có mạng", again: "Mất kết nối, đang kết nối lại…",
    lost: "Câu trả lời chưa đầy đủ, vui lòng thử lại", ended: "Cuộc trò chuyện trước đã kết thúc, đây là cuộc mới",
    confirm: "Vui lòng xác nhận thay đổi này", yes: "Xác nhận", no: "Giữ nguyên", until: "Có hiệu lực đến {time}",
    expired: "Đã hết hạn, vui lòng yêu cầu lại", done: "Đã xác nhận", refused: "Không có thay đổi nào",
    keys: "Enter để gửi, Shift + Enter để xuống dòng", now: "vừa xong", unread: "{n} tin nhắn mới",
    left: "Còn {n} ký tự", over: "Thừa {n} ký tự", broken: "Hiện không kết nối được, vui lòng thử lại sau",
    judge: "Bạn đánh giá dịch vụ thế nào?", points: "{n} trên 5 điểm", solved: "Đã giải quyết", unsolved: "Chưa giải quyết",
    attach: "Gửi ảnh hoặc tệp", file: "Tệp", erased: "Tệp đã bị xóa ngày {date}", uploading: "Đang gửi…", large: "Tệp quá lớn, vui lòng gửi tệp nhỏ hơn",
    unfit: "Chỉ gửi được ảnh, PDF, Word, Excel hoặc tệp văn bản", about: "Sản phẩm đang hỏi", drop: "Không hỏi về sản phẩm này",
  },
  th: {
    ai: "ผู้ช่วย AI คุยกับเจ้าหน้าที่ได้ทุกเมื่อ", waiting: "กำลังรอเจ้าหน้าที่", staff: "เจ้าหน้าที่กำลังดูแลคุณ",
    shop: "บริการลูกค้า", greeting: "สวัสดีค่ะ มีอะไรให้ช่วยไหมคะ", ask: "พิมพ์คำถามของคุณ", send: "ส่ง",
    person: "คุยกับเจ้าหน้าที่", asked: "แจ้งเจ้าหน้าที่แล้ว", open: "เปิดแชท", close: "ปิดแชท", more: "เพิ่มเติม",
    fresh: "เริ่มการสนทนาใหม่", theme: "ธีม", auto: "ตามระบบ", light: "สว่าง", dark: "มืด", log: "การสนทนา", you: "คุณ",
    machine: "ผู้ช่วย AI", human: "เจ้าหน้าที่", below: "ข้อความใหม่", typing: "กำลังตอบ…", working: "กำลังค้นหา…",
    order: "กำลังตรวจสอบคำสั่งซื้อ…", logistics: "กำลังตรวจสอบการจัดส่ง…", stock: "กำลังตรวจสอบสินค้า…",
    ticket: "กำลังเปิดเคส…", source: "แหล่งที่มา {n}", sources: "แหล่งที่มา", read: "อ่านทั้งหมด", up: "มีประโยชน์",
    down: "ไม่มีประโยชน์", thanks: "ขอบคุณสำหรับความคิดเห็น", why: "มีอะไรที่ยังไม่ดี", comment: "เพิ่มเติม (ไม่บังคับ)",
    reasons: ["ไม่ตรงคำถาม", "ข้อมูลไม่ถูกต้อง", "ไม่ชัดเจน", "ยังไม่ได้รับการแก้ไข"], submit: "ส่ง", cancel: "ยกเลิก",
    handing: "กำลังโอนสายให้เจ้าหน้าที่", ahead: "มีอีก {n} คิวก่อนหน้า", number: "หมายเลขเคส {n}",
    back: "ผู้ช่วย AI กลับมาดูแลคุณ", joined: "{name} เข้าร่วมแล้ว", failed: "ส่งไม่สำเร็จ", retry: "ลองใหม่", edit: "แก้ไข",
    soon: "{detail} (ลองใหม่ใน {n} วินาที)", busy: "ส่งเร็วไปหน่อย โปรดรอสักครู่",
    offline: "ออฟไลน์อยู่ ระบบจะเชื่อมต่อใหม่เอง", again: "ขาดการเชื่อมต่อ กำลังเชื่อมต่อใหม่…",
    lost: "ได้รับคำตอบไม่ครบ โปรดลองใหม่", ended: "การสนทนาก่อนหน้าสิ้นสุดแล้ว นี่คือการสนทนาใหม่",
    confirm: "โปรดยืนยันการเปลี่ยนแปลงนี้", yes: "ยืนยัน", no: "ไม่เปลี่ยน", until: "ใช้ได้ถึง {time}",
    expired: "หมดเวลาแล้ว โปรดแจ้งใหม่", done: "ยืนยันแล้ว", refused: "ไม่มีการเปลี่ยนแปลง",
    keys: "Enter เพื่อส่ง, Shift + Enter เพื่อขึ้นบรรทัดใหม่", now: "เมื่อสักครู่", unread: "ข้อความใหม่ {n} ข้อความ",
    left: "เหลือ {n} ตัวอักษร", over: "เกิน {n} ตัวอักษร", broken: "ติดต่อไม่ได้ในขณะนี้ โปรดลองใหม่ภายหลัง",
    judge: "โปรดให้คะแนนการบริการ", points: "{n} จาก 5 คะแนน", solved: "แก้ไขแล้ว", unsolved: "ยังไม่ได้รับการแก้ไข",
    attach: "ส่งรูปหรือไฟล์", file: "ไฟล์", erased: "ไฟล์ถูกลบเมื่อ {date}", uploading: "กำลังส่ง…", large: "ไฟล์ใหญ่เกินไป โปรดส่งไฟล์ที่เล็กลง",
    unfit: "ส่งได้เฉพาะรูปภาพ PDF Word Excel หรือไฟล์ข้อความ", about: "สินค้าที่สอบถาม", drop: "ไม่ถามเกี่ยวกับสินค้านี้",
  },
};

/** The first language of ours among those wished for. */
const spoken = (...wishes) => wishes.map((wish) => (wish || "").toLowerCase().split(/[-_]/)[0]).find((l) => WORDS[l]) || "en";

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function ago(date, language, justNow) {
  const seconds = Math.round((Date.now() - date) / 1000);
  if (seconds < 45) return justNow;
  if (seconds > 6 * 86_400) return new Intl.DateTimeFormat(language, { month: "short", day: "numeric" }).format(date);
  const [size, unit] = seconds < 3_300 ? [60, "minute"] : seconds < 82_800 ? [3_600, "hour"] : [86_400, "day"];
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-Math.max(1, Math.round(seconds / size)), unit);
  return words.replace(/(\d)(?=\p{sc=Han})/gu, "$1 ");
}

const exact = (date, language) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(date);

/* ---- Colour ------------------------------------------------------------------------------------------------ */

/** "#rgb" or "#rrggbb" as three numbers of 0–255, else null. */
function colour(text) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec((text || "").trim())?.[1];
  return hex ? (hex.length === 3 ? [...hex].map((c) => c + c) : hex.match(/../g)).map((pair) => parseInt(pair, 16)) : null;
}

const written = (rgb) => "#" + rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");
const mixed = (a, b, share) => a.map((part, i) => part + (b[i] - part) * share);

/** Contrast of two colours by WCAG 2.2: (L1 + 0.05) / (L2 + 0.05) of their relative luminances. */
function contrast(a, b) {
  const [low, high] = [a, b].map((rgb) => {
    const [red, green, blue] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }).sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** The colours that follow from a shop's accent: text on it, itself as text, and a soft ground, all readable. */
function palette(accent, dark) {
  const [black, white] = [[0, 0, 0], [255, 255, 255]];
  const surface = dark ? [21, 23, 27] : white;
  const raised = dark ? [33, 36, 41] : [245, 246, 248];
  const soft = mixed(surface, accent, dark ? 0.2 : 0.09);
  const faint = (text) => Math.min(contrast(text, raised), contrast(text, soft)) < 4.5;
  let ink = accent;
  for (let share = 0.05; faint(ink.map(Math.round)) && share <= 1; share += 0.05) ink = mixed(accent, dark ? white : black, share);
  return {
    "--accent": written(accent),
    "--on-accent": written(contrast(accent, white) >= 4.5 ? white : black),
    "--accent-ink": written(ink),
    "--accent-soft": written(soft),
  };
}

/* ---- Elements ---------------------------------------------------------------------------------------------- */

const PATHS = {  // one outline set on a grid of 24
  chat: "M4 5.5h16v11H10l-4.5 3.5v-3.5H4z", close: "M6 6l12 12M18 6L6 18", send: "M12 19V5M6 11l6-6 6 6",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.500", down: "M12 5v14M6 13l6 6 6-6",
  more: "M5 12h.01M12 12h.01M19 12h.01", fresh: "M12 5v14M5 12h14", theme: "M12 4v16M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z",
  up: "M7 10.5v9.5H4v-9.5zM7 10.5L11 3.5c1.5 0 2.5 1 2.5 2.5l-.6 3.5H19a1.5 1.5 0 0 1 1.5 1.8l-1.4 7.2a1.5 1.5 0 0 1-1.5 1.5H7",
  link: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5", retry: "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4", arrow: "M9 6l6 6-6 6", fold: "M6 9l6 6 6-6", check: "M5 12.5l4.5 4.5L19 7.5",
  star: "M12 4l2.5 5.2 5.7.7-4.2 3.9 1.1 5.7L12 16.7l-5.1 2.8L8 13.8 3.8 9.9l5.7-.7z",
  tag: "M4 4h7l9 9-7 7-9-9zM8 8h.01",
  clip: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.4 17a1.6 1.6 0 0 1-2.3-2.3L14 8", file: "M6 3h8l5 5v13H6zM14 3v5h5",
};

function icon(name, turned = false) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: turned ? "icon turned" : "icon", "aria-hidden": "true", focusable: "false" })) svg.setAttribute(key, value);
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** An element: `on…` are listeners, "class"/aria are attributes, children are elements or text. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The address if it is one of the web, else null: no javascript:, no data:. */
function web(address) {
  try {
    const url = new URL(address, HOME);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

const anchor = (address, ...children) => make("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow", title: address }, ...children);

/* ---- Text to elements -------------------------------------------------------------------------------------- */

const INLINE = /\*\*(?=\S)(.*?\S)\*\*|`([^`\n]+)`|!?\[([^\]\n]{0,200})\]\(([^\s()]{1,500})\)|\[(\d{1,2})\]|(https?:\/\/[^\s<>"'`，。；：！？、（）【】《》“”‘’…\u4e00-\u9fff]+)/g;
const BULLET = /^\s*(?:[-*]\s+|[•·]\s*)(.+)/, NUMBERED = /^\s*(\d{1,2})(?:[.)]\s+|、)\s*(.+)/, ROW = /^\s*\|(.+)\|\s*$/;

/** One line as nodes. `cite(n)` gives the chip of source n, or null where there is none. */
function inline(text, cite) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, bold, code, label, target, number, address] = match;
    let node = null, length = whole.length;
    if (bold !== undefined) node = make("strong", {}, ...inline(bold, cite));
    else if (code !== undefined) node = make("code", {}, code);
    else if (target !== undefined) node = web(target) && /^https?:/i.test(target) ? anchor(web(target), label || target) : null;
    else if (number !== undefined) node = cite(Number(number));
    else {
      const clean = address.replace(/[.,;:!?)\]}]+$/, "");
      length = clean.length;
      node = web(clean) && anchor(web(clean), clean);
    }
    if (!node) continue;
    let before = text.slice(from, match.index);
    from = match.index + length;
    if (number !== undefined) {  // a chip stays on the line of the word before it and the mark after it
      before = before.trimEnd();
      const word = /(?:[\p{sc=Latin}\p{N}.,%]{1,20}|\S)$/u.exec(before)?.[0] || "";
      const mark = /^[^\s\p{L}\p{N}[]/u.exec(text.slice(from))?.[0] || "";
      before = before.slice(0, before.length - word.length);
      from += mark.length;
      node = make("span", { class: "tie" }, word, node, mark);
    }
    nodes.push(before, node);
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

/** A text as blocks {kind, lines, start}: paragraphs, lists, tables, headings, quotes. */
function blocks(text) {
  const found = [];
  const into = (kind, line, start) => {
    const last = found.at(-1);
    if (last?.kind === kind && kind !== "heading") last.lines.push(line);
    else found.push({ kind, lines: [line], start });
  };
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    let match;
    if (!line.trim()) found.push({ kind: "gap", lines: [] });
    else if ((match = BULLET.exec(line))) into("ul", match[1]);
    else if ((match = NUMBERED.exec(line))) into("ol", match[2], Number(match[1]));
    else if ((match = ROW.exec(line))) into("table", match[1]);
    else if ((match = /^#{1,6}\s+(.+)/.exec(line))) into("heading", match[1]);
    else if ((match = /^>\s?(.*)/.exec(line))) into("quote", match[1]);
    else into("text", line);
  }
  return found.filter((block) => block.kind !== "gap");
}

function block({ kind, lines, start }, cite) {
  const rich = (line) => inline(line, cite);
  const broken = () => lines.flatMap((line, i) => (i ? [make("br"), ...rich(line)] : rich(line)));
  if (kind === "ul") return make("ul", {}, ...lines.map((line) => make("li", {}, ...rich(line))));
  if (kind === "ol") return make("ol", { start }, ...lines.map((line) => make("li", {}, ...rich(line))));
  if (kind === "heading") return make("p", {}, make("strong", {}, ...rich(lines[0])));
  if (kind === "quote") return make("blockquote", {}, ...broken());
  if (kind !== "table") return make("p", {}, ...broken());
  const rows = lines.filter((line) => !/^[\s|:-]+$/.test(line)).map((line) => line.split("|").map((cell) => cell.trim()));
  const headed = rows.length < lines.length;
  return make("div", { class: "table", tabindex: "0" }, make("table", {}, ...rows.map((cells, i) =>
    make("tr", {}, ...cells.map((cell) => make(headed && i === 0 ? "th" : "td", {}, ...rich(cell)))))));
}

/** Puts the text into the element, touching only the blocks that changed, so that a stream does not flicker. */
function write(element, text, cite, known) {
  const wanted = blocks(text);
  wanted.forEach((part, i) => {
    const print = JSON.stringify([part, known]);
    const old = element.children[i];
    if (old?.print === print) return;
    const fresh = block(part, cite);
    fresh.print = print;
    if (old) old.replaceWith(fresh);
    else element.append(fresh);
  });
  while (element.children.length > wanted.length) element.lastElementChild.remove();
}

/** The quote with what the answer took from it in <mark>: numbers, pairs of words, and runs of three or more Han.
    Where the passage around the quote is known, it is shown with the quote marked; a quote given whole needs no marks. */
function marked(quote, answer, passage = "") {
  const at = quote ? passage.indexOf(quote) : -1;
  if (at >= 0 && passage.length > quote.length) return [passage.slice(0, at), make("mark", {}, quote), passage.slice(at + quote.length)];
  if (answer.includes(quote)) return [quote];
  const said = ` ${answer.toLowerCase().replace(/[^\p{L}\p{N}.,%]+|[.,](?!\d)/gu, " ")} `;
  const keep = new Array(quote.length).fill(false);
  const words = [...quote.matchAll(/[\p{L}\p{N}]+(?:[.,]\d+)*%?/gu)].map((match) => ({ text: match[0].toLowerCase(), from: match.index, to: match.index + match[0].length }));
  words.forEach(({ text, from, to }, i) => {
    const next = words[i + 1];
    if (/\d/.test(text) && said.includes(` ${text} `)) keep.fill(true, from, to);
    if (next && said.includes(` ${text} ${next.text} `)) keep.fill(true, from, next.to);
  });
  for (const { 0: run, index } of quote.toLowerCase().matchAll(/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{N}]{3,}/gu)) {
    for (let i = 0; i < run.length - 2; i += 1) if (answer.toLowerCase().includes(run.slice(i, i + 3))) keep.fill(true, index + i, index + i + 3);
  }
  const nodes = [];
  for (let i = 1, from = 0; i <= quote.length; i += 1) {
    if (i < quote.length && keep[i] === keep[from]) continue;
    const piece = quote.slice(from, i);
    nodes.push(keep[from] ? make("mark", {}, piece) : piece);
    from = i;
  }
  return nodes;
}

/** Complete sentences at the head of the text, and the rest. */
function sentences(text) {
  const end = [...text.matchAll(/[。！？!?…\n]+|\.(?=\s)/g)].at(-1);
  const cut = end ? end.index + end[0].length : 0;
  return [text.slice(0, cut).trim(), text.slice(cut)];
}

/* ---- The wire ---------------------------------------------------------------------------------------------- */

/** An answer of the server that is not a yes; status 0 means that none came. */
class Refused extends Error {
  constructor(status, detail = "", seconds = 0, error = "") {
    super(detail);
    Object.assign(this, { status, detail, seconds, error });
  }
  get gone() { return this.status === 401 || this.status === 404; }
}

async function call(address, { method = "GET", body, token, accept = "application/json", signal } = {}) {
  const stop = new AbortController();
  const form = body instanceof FormData;
  const timer = setTimeout(() => stop.abort(), form ? UPLOAD : FIRST_BYTE);
  signal?.addEventListener("abort", () => stop.abort());
  const headers = { Authorization: `Bearer ${token}`, Accept: accept };
  if (body && !form) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(address, { method, headers, body: form ? body : body && JSON.stringify(body), signal: stop.signal, cache: "no-store", credentials: "omit" });
  } catch {
    throw new Refused(0);
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return response;
  const { error, detail } = await response.json().catch(() => ({}));
  console.warn("xiaoer", response.status, detail);
  throw new Refused(response.status, typeof detail === "string" ? detail : "", Number(response.headers.get("Retry-After")) || 0, error);
}

/** The server-sent events of a response as {kind, data}; ends with the stream, throws after a long silence. */
async function* events(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "", timer;
  try {
    for (;;) {
      const silence = new Promise((_, reject) => { timer = setTimeout(() => reject(new Refused(0)), SILENCE); });
      const { value, done } = await Promise.race([reader.read(), silence]);
      clearTimeout(timer);
      if (done) return;
      const parts = (rest + decoder.decode(value, { stream: true })).split(/\r\n\r\n|\n\n/);
      rest = parts.pop();
      for (const part of parts) {
        const lines = part.split(/\r?\n/);
        const kind = lines.find((line) => line.startsWith("event:"))?.slice(6).trim();
        const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5)).join("\n");
        if (kind && data) yield { kind, data: JSON.parse(data) };
      }
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

const pause = (ms, signal) => new Promise((go) => {
  const timer = setTimeout(go, ms);
  const now = () => { clearTimeout(timer); go(); };
  signal?.addEventListener("abort", now, { once: true });
  window.addEventListener("online", now, { once: true });
});

/** Kept over reloads where the browser allows it, else for this page. */
const kept = {
  page: new Map(),
  read(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch { return this.page.get(name) ?? null; }
  },
  write(name, value) {
    this.page.set(name, value);
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify(value));
    } catch { /* a private window, or storage is full: the page remembers */ }
  },
};

const unique = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/* ---- For the shop's page: window.Xiaoer -------------------------------------------------------------------- */

const listeners = new Map();
const emit = (event, detail) => listeners.get(event)?.forEach((listen) => listen(detail));
const here = () => document.querySelector("xiaoer-chat");
let identity = null, where;

/** Who a page says is there: the number signed in the token, read but not checked, goes before the page's own word. */
function whose(who) {
  try {
    const { sub, exp } = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(who.token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0))));
    return { who: who.id || sub, sub, exp };
  } catch {
    return { who: who?.id || null };
  }
}

window.Xiaoer = {
  open: () => here()?.open(),
  close: () => here()?.close(),
  /** Says who is signed in at the shop: an id, {id, name, token}, or null after signing out. Another person, another conversation. */
  identify(who) {
    identity = who && typeof who === "object" ? { ...who, id: who.id && String(who.id) } : who ? { id: String(who) } : null;
    here()?.identified();
  },
  /** Says which page of the shop the customer is on, {product_id?, url?}, in place of its address; null: on none. */
  page(now) {
    where = now || {};
    if (here()?.opened) here().locate();
  },
  /** Calls back on open, close, message, handoff, unread, token; returns a function that ends it. */
  on(event, listen) {
    if (!listeners.has(event)) listeners.set(event, new Set());
    listeners.get(event).add(listen);
    return () => listeners.get(event).delete(listen);
  },
};

/* ---- Looks -------------------------------------------------------------------------------------------------- */

/* tokens.css, word for word. */
const TOKENS = `/* How Xiaoer looks, said once. The console links this file; widget.js carries the same text for its shadow root
   (tests/browser/test_tokens.py holds the two together). A shop changes --accent and a logo, nothing else.
   Text on --surface and --raised has a contrast of 4.5:1 or more in both themes. */
:root, :host {
  --font: system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans Thai", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace;
  --text-12: 12px; --text-14: 14px; --text-16: 16px; --text-20: 20px; --text-28: 28px;
  --leading: 1.45; --leading-han: 1.6;
  --space-1: 4px; --space-2: 8px; --space-3: 12px; --space-4: 16px; --space-5: 20px; --space-6: 24px;
  --space-8: 32px; --space-12: 48px; --target: 44px;
  --radius-6: 6px; --radius-10: 10px; --radius-16: 16px;
  --quick: 120ms;
  --surface: #ffffff; --raised: #f5f6f8; --pressed: #e9ebef; --line: #e3e6eb; --edge: #8a909c;
  --ink: #171a20; --quiet: #5a616e;
  --accent: #1f6feb; --on-accent: #ffffff; --accent-ink: #1b63d2; --accent-soft: #e9f1fd;
  --good: #18794e; --warn: #8a5a00; --warn-soft: #fdf3dc; --bad: #c4302b; --bad-soft: #fdecec;
  --shadow: 0 1px 2px rgba(16, 20, 30, .08), 0 12px 40px rgba(16, 20, 30, .16);
  color-scheme: light;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]), :host(:not([data-theme="light"])) {
    --surface: #15171b; --raised: #212429; --pressed: #2c3036; --line: #2f333a; --edge: #7d8490;
    --ink: #eceef2; --quiet: #a3a9b5;
    --accent-ink: #6ea8ff; --accent-soft: #1a2a43;
    --good: #5cc795; --warn: #e3b341; --warn-soft: #352a12; --bad: #ff8a84; --bad-soft: #3b1d1e;
    --shadow: 0 1px 2px rgba(0, 0, 0, .5), 0 12px 40px rgba(0, 0, 0, .6);
    color-scheme: dark;
  }
}
:root[data-theme="dark"], :host([data-theme="dark"]) {
  --surface: #15171b; --raised: #212429; --pressed: #2c3036; --line: #2f333a; --edge: #7d8490;
  --ink: #eceef2; --quiet: #a3a9b5;
  --accent-ink: #6ea8ff; --accent-soft: #1a2a43;
  --good: #5cc795; --warn: #e3b341; --warn-soft: #352a12; --bad: #ff8a84; --bad-soft: #3b1d1e;
  --shadow: 0 1px 2px rgba(0, 0, 0, .5), 0 12px 40px rgba(0, 0, 0, .6);
  color-scheme: dark;
}
@media (prefers-reduced-motion: reduce) {
  :root, :host { --quick: 0ms; }
}
`;

const STYLE = `
:host { all: initial; position: fixed; z-index: 2147483000; inset: auto 0 0 auto; font-family: var(--font); }
:host([mode="page"]) { position: static; display: block; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.panel { font: var(--text-16)/var(--leading) var(--font); color: var(--ink); background: var(--surface); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; text-align: start; letter-spacing: normal; }
:host(:lang(zh)) .panel, .message:lang(zh), .message:lang(ja), .message:lang(th) { line-height: var(--leading-han); }
button, input, textarea { font: inherit; color: inherit; margin: 0; }
button { background: none; border: 0; padding: 0; cursor: pointer; touch-action: manipulation; -webkit-tap-highlight-color: transparent; }
button:disabled { cursor: default; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--accent-ink); outline-offset: 2px; }
a { color: var(--accent-ink); text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 2px; overflow-wrap: anywhere; }
h1, p, ul, ol, blockquote { margin: 0; padding: 0; }
.icon { width: 20px; height: 20px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.icon.turned { transform: rotate(180deg); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.launcher { position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: max(20px, env(safe-area-inset-bottom)); width: 56px; height: 56px; border-radius: 28px; display: grid; place-items: center; background: var(--accent); color: var(--on-accent); box-shadow: var(--shadow); transition: transform var(--quick); }
.launcher:active { transform: scale(.96); }
.launcher .icon { width: 26px; height: 26px; }
.launcher:focus-visible { outline-offset: 3px; }
.badge { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; background: var(--bad); color: var(--surface); border: 2px solid var(--surface); font: 600 12px/18px var(--font); text-align: center; font-variant-numeric: tabular-nums; }

.panel { position: fixed; right: max(20px, env(safe-area-inset-right)); bottom: calc(max(20px, env(safe-area-inset-bottom)) + 72px); width: 400px; height: min(680px, calc(100vh - 120px)); display: flex; flex-direction: column; border-radius: var(--radius-16); box-shadow: var(--shadow); overflow: hidden; border: 1px solid var(--line); animation: rise var(--quick) ease-out; }
@keyframes rise { from { opacity: 0; transform: translateY(8px); } }
:host([mode="page"]) .composer { padding-bottom: max(var(--space-3), env(safe-area-inset-bottom)); }
:host([mode="page"]) .panel { position: fixed; inset: 0; width: auto; height: auto; border: 0; border-radius: 0; box-shadow: none; animation: none; }
.column { width: 100%; max-width: 760px; margin-inline: auto; padding-inline: var(--space-4); }

.head { position: relative; flex: none; border-bottom: 1px solid var(--line); padding-top: env(safe-area-inset-top); z-index: 2; }
.head > .column { display: flex; align-items: center; gap: var(--space-1); min-height: 64px; position: relative; }
.mark { width: 36px; height: 36px; flex: none; border-radius: var(--radius-10); overflow: hidden; display: grid; place-items: center; background: var(--accent-soft); color: var(--accent-ink); font-weight: 600; }
.mark img { width: 100%; height: 100%; object-fit: cover; }
.who { flex: 1; min-width: 0; margin-inline: var(--space-2); display: flex; flex-direction: column; line-height: 1.4; }
.name { font-size: var(--text-16); font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.status { font-size: var(--text-12); color: var(--quiet); text-wrap: balance; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.status.live::before { content: ""; display: inline-block; width: 7px; height: 7px; border-radius: 4px; background: var(--good); margin-inline-end: 6px; vertical-align: 1px; }
.person { display: flex; align-items: center; gap: 6px; min-height: var(--target); padding: 0 var(--space-3); border-radius: var(--radius-10); font-size: var(--text-14); font-weight: 500; color: var(--accent-ink); white-space: nowrap; }
.person:disabled { color: var(--quiet); }
.tool { width: var(--target); height: var(--target); flex: none; display: grid; place-items: center; border-radius: var(--radius-10); color: var(--quiet); }
.tools { display: flex; margin-inline-end: -12px; }
.head .tool[aria-expanded] .icon { stroke-width: 2.75; }
.menu { position: absolute; top: 56px; inset-inline-end: var(--space-2); min-width: 220px; padding: 6px; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-10); box-shadow: var(--shadow); }
.menu button { display: flex; align-items: center; gap: var(--space-3); width: 100%; min-height: var(--target); padding: 0 var(--space-3); border-radius: var(--radius-6); font-size: var(--text-14); text-align: start; }
.menu .icon { color: var(--quiet); }
.menu .value { margin-inline-start: auto; color: var(--quiet); }
@media (hover: hover) {
  .person:not(:disabled):hover, .tool:hover, .menu button:hover, .thumb:hover, .text:not(:disabled):hover { background: var(--raised); }
  .question:hover, .suggestion:hover, .reason:hover, .plain:not(:disabled):hover { background: var(--raised); border-color: var(--edge); }
  .chip:is(button):hover { background: var(--accent); color: var(--on-accent); }
}

.banner { flex: none; padding: var(--space-2) var(--space-4); background: var(--warn-soft); color: var(--warn); font-size: var(--text-14); text-align: center; }
.scroll { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; overflow-anchor: auto; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.scroll:focus-visible { outline-offset: -2px; }
.scroll > .column { min-height: 100%; display: flex; flex-direction: column; padding-block: var(--space-5) var(--space-4); }
.list { display: flex; flex-direction: column; gap: var(--space-3); }

.intro { margin-block: auto; padding-block: var(--space-4); display: flex; flex-direction: column; gap: var(--space-5); }
.intro > .mark { width: 48px; height: 48px; border-radius: var(--radius-16); font-size: var(--text-20); }
.greeting { font-size: var(--text-20); font-weight: 600; line-height: 1.5; text-wrap: balance; white-space: pre-line; }
.notice { font-size: var(--text-14); color: var(--quiet); padding: var(--space-2) var(--space-3); background: var(--raised); border-radius: var(--radius-10); }
.questions { display: grid; gap: var(--space-2); }
.question { display: flex; align-items: center; gap: var(--space-2); min-height: 48px; padding: var(--space-2) var(--space-3) var(--space-2) var(--space-4); border: 1px solid var(--line); border-radius: var(--radius-10); text-align: start; font-size: var(--text-16); transition: background var(--quick), border-color var(--quick); }
.question span { flex: 1; }
.question .icon { width: 16px; height: 16px; color: var(--quiet); }
.begun .intro { margin-block: 0 var(--space-3); padding: 0; }
.begun .intro > .mark, .begun .questions { display: none; }
.begun .greeting { align-self: flex-start; max-width: 88%; padding: 10px 14px; border-radius: var(--radius-16); border-end-start-radius: var(--radius-6); background: var(--raised); font-size: var(--text-16); font-weight: 400; line-height: inherit; text-wrap: wrap; }

.message { display: flex; flex-direction: column; align-items: flex-start; max-width: 100%; }
.message[data-author="customer"] { align-items: flex-end; }
.label { font-size: var(--text-12); color: var(--quiet); margin: 0 0 var(--space-1) var(--space-1); }
.bubble { position: relative; max-width: 88%; padding: 10px 14px; border-radius: var(--radius-16); border-end-start-radius: var(--radius-6); background: var(--raised); overflow-wrap: anywhere; text-autospace: normal; }
.message[data-author="staff"] .bubble { background: var(--surface); box-shadow: inset 0 0 0 1px var(--edge); }
.message[data-author="customer"] .bubble { background: var(--accent); color: var(--on-accent); border-end-start-radius: var(--radius-16); border-end-end-radius: var(--radius-6); white-space: pre-wrap; }
.message[data-state="sending"] .bubble { opacity: .7; }
.message[data-state="failed"] .bubble { background: var(--surface); color: var(--ink); box-shadow: inset 0 0 0 1px var(--bad); }
.bubble > * + * { margin-top: var(--space-2); }
.bubble ul, .bubble ol { padding-inline-start: 1.35em; }
.bubble li + li { margin-top: 2px; }
.bubble li::marker { color: var(--quiet); font-variant-numeric: tabular-nums; }
.bubble code { font: .92em var(--mono); padding: 1px 4px; border-radius: 4px; background: var(--pressed); }
.bubble strong { font-weight: 600; }
.bubble blockquote { padding-inline-start: var(--space-3); border-inline-start: 2px solid var(--edge); color: var(--quiet); }
.table { overflow-x: auto; margin-inline: -4px; }
table { border-collapse: collapse; font-size: var(--text-14); font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; min-width: 4.5em; }
th { font-weight: 600; white-space: nowrap; }
.tie { white-space: nowrap; }
.chip { position: relative; display: inline-block; min-width: 18px; height: 18px; margin-inline: 3px 1px; padding: 0 5px; border-radius: 9px; background: var(--accent-soft); color: var(--accent-ink); font: 600 11px/18px var(--font); text-align: center; vertical-align: 2px; font-variant-numeric: tabular-nums; }
.chip:is(button)::after { content: ""; position: absolute; inset: -13px -10px; }
.chip[aria-expanded] { background: var(--accent); color: var(--on-accent); }

.after { width: 100%; }
.foot { display: flex; align-items: center; min-height: 32px; margin: 2px 0 0 var(--space-1); font-size: var(--text-12); color: var(--quiet); }
.foot time { margin-inline-end: var(--space-1); font-variant-numeric: tabular-nums; }
.thumb { width: var(--target); height: var(--target); margin: -6px -5px; display: grid; place-items: center; border-radius: var(--radius-10); color: var(--quiet); }
.thumb .icon { width: 16px; height: 16px; }
.thumb[aria-pressed="true"] { color: var(--accent-ink); }
.thumb[aria-pressed="true"] .icon { fill: var(--accent-soft); }
.thanks { margin-inline-start: var(--space-2); }
.reasons { display: grid; gap: var(--space-2); margin-top: var(--space-2); padding: var(--space-3); border: 1px solid var(--line); border-radius: var(--radius-10); font-size: var(--text-14); max-width: 440px; }
.judge { margin: var(--space-4) auto 0; width: 100%; }
.judge p:empty { display: none; }
.judged { display: grid; gap: var(--space-2); }
.stars { gap: 0; }
.stars .thumb { margin: 0; }
.stars .thumb .icon { width: 26px; height: 26px; }
.stars [aria-pressed="true"] .icon { fill: currentColor; }
.row { display: flex; flex-wrap: wrap; gap: var(--space-2); align-items: center; }
.reason, .suggestion, .plain { min-height: var(--target); padding: var(--space-2) var(--space-4); border: 1px solid var(--line); border-radius: 22px; font-size: var(--text-14); text-align: start; line-height: 1.4; transition: background var(--quick), border-color var(--quick); }
.reason[aria-pressed="true"] { border-color: var(--accent-ink); color: var(--accent-ink); background: var(--accent-soft); }
.reasons input { flex: 1; min-width: 0; height: var(--target); padding: 0 var(--space-3); border: 1px solid var(--edge); border-radius: var(--radius-10); background: var(--surface); font-size: var(--text-16); }
.plain { border-radius: var(--radius-10); }
.primary { min-height: var(--target); padding: 0 var(--space-5); border-radius: var(--radius-10); background: var(--accent); color: var(--on-accent); font-weight: 600; }
.primary:disabled, .plain:disabled { opacity: .5; }
.suggestions { display: flex; flex-wrap: wrap; gap: var(--space-2); margin-top: var(--space-2); }
.suggestion { color: var(--accent-ink); }
.line .suggestions { flex-basis: 100%; justify-content: center; }

.line { display: flex; align-items: center; justify-content: center; flex-wrap: wrap; gap: 0 var(--space-2); padding-inline: var(--space-4); font-size: var(--text-12); color: var(--quiet); text-align: center; overflow-wrap: anywhere; }
.line.bad, .problem, p.bad { color: var(--bad); }
.problem { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-end; gap: 0 var(--space-1); font-size: var(--text-12); font-variant-numeric: tabular-nums; }
.text { display: inline-flex; align-items: center; gap: var(--space-1); min-height: var(--target); padding: 0 var(--space-2); border-radius: var(--radius-6); font-size: var(--text-14); font-weight: 500; color: var(--accent-ink); }
.text:disabled { color: var(--quiet); }
.text .icon { width: 16px; height: 16px; }

.message:has(.change) .bubble, .message .bubble:has(.until) { width: min(100%, 440px); max-width: 100%; background: var(--surface); box-shadow: inset 0 0 0 1px var(--line); padding: var(--space-4); border-radius: var(--radius-16); }
.change { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-2); padding: var(--space-3); border-radius: var(--radius-10); background: var(--raised); }
.change .what { flex-basis: 100%; font-size: var(--text-12); color: var(--quiet); }
.change del { color: var(--quiet); }
.change ins { text-decoration: none; font-weight: 600; }
.bubble > .row { margin-top: var(--space-3); }
.until { display: flex; align-items: center; gap: var(--space-1); font-size: var(--text-12); color: var(--quiet); }
.until .icon { width: 16px; height: 16px; color: var(--good); }

.typing { display: flex; align-items: center; gap: var(--space-2); min-height: 40px; margin-top: var(--space-3); padding-inline-start: var(--space-1); color: var(--quiet); font-size: var(--text-14); }
.dots { display: inline-flex; gap: 4px; }
.dots i { width: 7px; height: 7px; border-radius: 4px; background: var(--quiet); animation: breathe 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .15s; }
.dots i:nth-child(3) { animation-delay: .3s; }
@keyframes breathe { 0%, 60%, 100% { opacity: .25; } 30% { opacity: 1; } }
.below { position: absolute; z-index: 1; left: 50%; bottom: 92px; transform: translateX(-50%); display: inline-flex; align-items: center; gap: 6px; height: var(--target); padding: 0 var(--space-4) 0 var(--space-3); border-radius: 22px; background: var(--surface); color: var(--accent-ink); border: 1px solid var(--line); box-shadow: var(--shadow); font-size: var(--text-14); font-weight: 500; }
.panel:has(.about:not([hidden])) .below { bottom: 130px; }
.below .icon { width: 16px; height: 16px; }

.composer { flex: none; padding-bottom: max(6px, env(safe-area-inset-bottom)); background: var(--surface); }
.field { display: flex; align-items: flex-end; gap: var(--space-1); padding: 3px; border: 1px solid var(--edge); border-radius: 25px; background: var(--surface); cursor: text; transition: border-color var(--quick); }
.field:focus-within { border-color: var(--accent-ink); box-shadow: 0 0 0 1px var(--accent-ink); }
.field textarea { flex: 1; min-width: 0; height: 24px; max-height: 136px; margin: 10px 0; padding: 0 var(--space-2) 0 var(--space-4); border: 0; background: none; resize: none; font-size: var(--text-16); line-height: 24px; overflow-y: auto; scrollbar-width: thin; outline: none; }
textarea::placeholder, input::placeholder { color: var(--quiet); opacity: 1; }
.about { display: flex; padding-bottom: 6px; }
.product { display: flex; align-items: center; gap: 6px; min-width: 0; height: 32px; padding-inline: 10px 2px; border-radius: 16px; background: var(--accent-soft); color: var(--accent-ink); font-size: var(--text-14); }
.product .icon { width: 16px; height: 16px; }
.product b { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 500; }
.drop { position: relative; width: 28px; height: 28px; flex: none; display: grid; place-items: center; border-radius: 14px; }
.drop::after { content: ""; position: absolute; inset: -8px; }
.attach { width: var(--target); height: var(--target); flex: none; display: grid; place-items: center; border-radius: 22px; color: var(--quiet); transition: background var(--quick); }
.attach:hover { background: var(--raised); color: var(--ink); }
.attach .icon { width: 20px; height: 20px; }
.attach + input + textarea { padding-inline-start: 0; }
.file { display: inline-flex; align-items: center; gap: var(--space-2); max-width: 100%; color: inherit; text-decoration: none; }
.file .icon { flex: none; width: 20px; height: 20px; }
.filename { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
a.file .filename { text-decoration: underline; text-underline-offset: 3px; }
.file small { flex: none; font-size: var(--text-12); }
.bubble.pictured { padding: 3px; background: none; box-shadow: inset 0 0 0 1px var(--line); }
.message[data-author="customer"] .bubble.pictured { background: none; }
.picture { display: block; max-width: 100%; max-height: 260px; min-width: 44px; min-height: 44px; object-fit: contain; border-radius: 13px; }
.send { width: var(--target); height: var(--target); flex: none; display: grid; place-items: center; border-radius: 22px; background: var(--accent); color: var(--on-accent); transition: background var(--quick); }
.send:disabled { background: var(--pressed); color: var(--quiet); }
.under { display: flex; justify-content: space-between; gap: var(--space-3); min-height: 22px; padding: 3px var(--space-4) 0; font-size: var(--text-12); color: var(--quiet); }
.counter { margin-inline-start: auto; font-variant-numeric: tabular-nums; }
.counter.bad { color: var(--bad); }
@media (hover: none) { .keys { display: none; } }

.veil { position: absolute; inset: 0; z-index: 3; background: rgba(10, 12, 16, .32); display: flex; align-items: flex-end; }
.source { width: 100%; max-height: 70%; display: flex; flex-direction: column; background: var(--surface); border-radius: var(--radius-16) var(--radius-16) 0 0; padding: var(--space-2) var(--space-2) max(var(--space-4), env(safe-area-inset-bottom)) var(--space-4); animation: rise var(--quick) ease-out; }
.source .top { display: flex; align-items: center; gap: var(--space-2); min-height: var(--target); }
.source strong { flex: 1; font-weight: 600; }
.source blockquote { overflow-y: auto; padding-inline-end: var(--space-2); color: var(--ink); overflow-wrap: anywhere; white-space: pre-line; }
.source mark { background: var(--accent-soft); color: inherit; box-shadow: inset 0 -2px var(--accent-ink); }
.source a { display: inline-flex; align-items: center; gap: 6px; min-height: var(--target); font-size: var(--text-14); }
.source a .icon { width: 16px; height: 16px; }
.veil:has(.near) { background: none; }
.source.near { position: absolute; width: 420px; max-height: 48%; border: 1px solid var(--line); border-radius: var(--radius-16); box-shadow: var(--shadow); }

/* Where the name does not fit beside the rest, who answers and the way to a person have a row of their own, in full. */
.tight .head > .column { display: grid; grid-template-columns: auto 1fr auto; row-gap: 0; padding-top: var(--space-1); }
.tight .who { display: contents; }
.tight .name { margin-inline: var(--space-2); }
.tight .status { grid-row: 2; grid-column: 1 / 3; }
.tight .person { grid-row: 2; grid-column: 3; margin: -6px -12px 0 0; justify-self: end; }
.tight .tools { justify-self: end; }
@media (max-width: 560px), (max-height: 440px) {
  .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; animation: none; }
  :host(:not([mode="page"])) .panel:not([hidden]) ~ .launcher { display: none; }
  .person { padding: 0 var(--space-2); }
  .keys { display: none; }
}
@media (min-width: 720px) and (min-height: 560px) {
  :host([mode="page"]) .greeting { font-size: var(--text-28); line-height: 1.4; }
  :host([mode="page"]) .begun .greeting { font-size: var(--text-16); line-height: inherit; }
  :host([mode="page"]) .questions { grid-template-columns: 1fr 1fr; gap: var(--space-3); }
  :host([mode="page"]) .question { min-height: 60px; }
  :host([mode="page"]) .intro { padding-bottom: 8vh; }
  :host([mode="page"]) .begun .intro { padding: 0; }
  :host([mode="page"]) .bubble, :host([mode="page"]) .begun .greeting { max-width: 80%; }
}
@media (prefers-reduced-motion: reduce) { *, .dots i { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { .bubble, .launcher, .chip { border: 1px solid; } }
@media print { .launcher, .composer, .tool, .person { display: none; } }
`;

/* ---- The element ------------------------------------------------------------------------------------------- */

class XiaoerChat extends HTMLElement {
  static observedAttributes = ["accent", "theme"];

  connectedCallback() {
    if (!this.ui) this.build();
    this.left = new AbortController();
    const watch = (target, event, act) => target.addEventListener(event, act, { signal: this.left.signal });
    watch(window, "resize", () => this.fit());
    watch(window, "online", () => this.warn());
    watch(window, "offline", () => this.warn());
    watch(window, "storage", (event) => event.key === this.slot && this.adopt());
    watch(document, "visibilitychange", () => { if (!document.hidden) { this.listen(true); this.see(); } });
    watch(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.paintTheme());
    if (window.visualViewport) {
      watch(visualViewport, "resize", () => this.fit());
      watch(visualViewport, "scroll", () => this.fit());
    }
    this.clock = setInterval(() => this.tick(), 30_000);
    if (this.page) this.comeBack();
    this.adopt();
    if (this.opened) this.locate();
    if (identity) this.identified();
    if (this.page) this.takeOver();
  }

  disconnectedCallback() {
    this.left.abort();
    this.hangUp();
    clearInterval(this.clock);
  }

  attributeChangedCallback() {
    if (this.ui) this.paintTheme();
  }

  get page() { return this.getAttribute("mode") === "page"; }
  get token() { return this.held?.token; }
  get has() { return Boolean(this.held?.id); }
  /** assistant, waiting (a person will come) or staff. */
  get state() { return this.held?.state || (this.held?.owner === "staff" ? "waiting" : "assistant"); }
  at(path) { return new URL(`api/v1/${path}`, this.getAttribute("server") || HOME).href; }
  talk(path) { return this.at(`conversations/${this.held.id}/${path}`); }
  t(name, values) { return values ? fill(this.words[name], values) : this.words[name]; }

  /* -- building -- */

  build() {
    const given = this.querySelector('script[type="application/json"]');
    try { this.given = JSON.parse(given?.textContent || "{}"); } catch { this.given = {}; }
    this.locale = this.getAttribute("locale") || navigator.languages?.find((wish) => spoken(wish, "?") !== "en" || /^en/i.test(wish)) || "en";
    this.language = spoken(this.locale);
    this.words = WORDS[this.language];
    this.slot = `xiaoer:${this.getAttribute("store") || ""}:${(this.getAttribute("key") || "").slice(-16)}`;
    this.entries = [];
    this.unread = 0;
    this.spoke = "";
    const root = this.attachShadow({ mode: "open" });
    if (root.adoptedStyleSheets && CSSStyleSheet.prototype.replaceSync) {
      const sheet = new CSSStyleSheet();  // allowed by a strict content security policy, unlike <style>
      sheet.replaceSync(TOKENS + STYLE);
      root.adoptedStyleSheets = [sheet];
    } else root.append(make("style", {}, TOKENS + STYLE));
    this.setAttribute("lang", this.language);
    this.ui = {};
    root.append(this.buildPanel());
    if (!this.page) root.append(this.buildLauncher());
    this.paintTheme();
  }

  keep(name, element) { return (this.ui[name] = element); }

  button(kind, name, label, act, more = {}) {
    return make("button", { type: "button", class: kind, onclick: act, "aria-label": label, title: label, ...more }, icon(name));
  }

  buildLauncher() {
    return this.keep("launcher", make("button", { type: "button", class: "launcher", "aria-label": this.t("open"), "aria-expanded": "false", onclick: () => (this.opened ? this.close() : this.open()) },
      icon("chat"), this.keep("badge", make("span", { class: "badge", hidden: true }))));
  }

  buildPanel() {
    const role = this.page ? { role: "main" } : { role: "dialog", hidden: true };
    const panel = make("section", { class: "panel", "aria-label": this.t("shop"), onkeydown: (event) => this.onKey(event), ...role },
      this.buildHead(),
      this.keep("banner", make("div", { class: "banner", role: "status", hidden: true })),
      this.keep("scroll", make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": this.t("log"), onscroll: () => this.onScroll() },
        this.keep("thread", make("div", { class: "column" },
          this.buildIntro(),
          this.keep("list", make("div", { class: "list" })),
          this.keep("judge", make("div", {})),
          this.keep("typing", make("div", { class: "typing", hidden: true }, make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i")), this.keep("doing", make("span", {})))))))),
      this.keep("below", make("button", { type: "button", class: "below", hidden: true, onclick: () => this.toEnd(true) }, icon("down"), this.t("below"))),
      this.buildComposer(),
      this.keep("aloud", make("div", { class: "unseen", role: "log", "aria-live": "polite", "aria-relevant": "additions" })));
    return this.keep("panel", panel);
  }

  buildHead() {
    return make("header", { class: "head" },
      make("div", { class: "column" },
        this.keep("mark", make("span", { class: "mark", "aria-hidden": "true" })),
        make("div", { class: "who" }, this.keep("name", make(this.page ? "h1" : "strong", { class: "name" })), this.keep("status", make("span", { class: "status" }))),
        this.keep("person", make("button", { type: "button", class: "person", onclick: () => this.askPerson() }, icon("person"), this.keep("personLabel", make("span", {}, this.t("person"))))),
        make("div", { class: "tools" },
          this.keep("more", this.button("tool", "more", this.t("more"), () => this.toggleMenu(), { "aria-expanded": "false" })),
          !this.page && this.button("tool", "close", this.t("close"), () => this.close())),
        this.keep("menu", make("div", { class: "menu", hidden: true },
          make("button", { type: "button", onclick: () => { this.toggleMenu(); this.startOver(); } }, icon("fresh"), this.t("fresh")),
          make("button", { type: "button", onclick: () => this.nextTheme() }, icon("theme"), this.t("theme"), this.keep("themeLabel", make("span", { class: "value" })))))));
  }

  buildIntro() {
    return make("div", { class: "intro" },
      this.keep("bigMark", make("span", { class: "mark", "aria-hidden": "true" })),
      this.keep("greeting", make("p", { class: "greeting", dir: "auto" })),
      this.keep("notice", make("p", { class: "notice", hidden: true })),
      this.keep("questions", make("div", { class: "questions" })));
  }

  buildComposer() {
    const box = this.keep("box", make("textarea", { rows: "1", placeholder: this.t("ask"), "aria-label": this.t("ask"), enterkeyhint: "send", dir: "auto", autocomplete: "off", oninput: () => this.onInput(), onkeydown: (event) => this.onType(event), onpaste: (event) => this.onPaste(event) }));
    const files = make("input", { type: "file", hidden: true, accept: FILES, multiple: true, tabindex: "-1", onchange: () => { this.sendFiles(files.files); files.value = ""; } });
    const clip = this.button("attach", "clip", this.t("attach"), () => files.click());
    const send = this.keep("send", this.button("send", "send", this.t("send"), () => this.submit(), { type: "submit", disabled: true }));
    const product = make("div", { class: "product", role: "group", "aria-label": this.t("about"), title: this.t("about") }, icon("tag"), this.keep("product", make("b", { dir: "auto" })), this.button("drop", "close", this.t("drop"), () => { this.about(); box.focus(); }));
    return make("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      this.keep("about", make("div", { class: "column about", hidden: true }, product)),
      make("div", { class: "column" }, make("div", { class: "field", onclick: (event) => event.target.closest("button, input") || box.focus() }, clip, files, box, send),
        make("div", { class: "under" }, make("span", { class: "keys" }, this.t("keys")), this.keep("counter", make("span", { class: "counter", role: "status" })))));
  }

  /** In page mode the server drew a first screen that works without this script: take what was typed or asked there. */
  takeOver() {
    const typed = this.querySelector("textarea")?.value;
    const address = new URL(location.href);
    const asked = address.searchParams.get("q");
    if (asked !== null) {
      address.searchParams.delete("q");
      history.replaceState(history.state, "", address);
    }
    const typing = this.contains(document.activeElement);
    this.replaceChildren();
    if (typed && !this.ui.box.value) this.ui.box.value = typed;
    this.onInput();
    if (typing || matchMedia("(min-width: 900px)").matches) this.ui.box.focus();
    if (asked?.trim()) this.say(asked);
  }

  /* -- the product of the shop's page -- */

  /** Has the server say which product the page is about. */
  locate() {
    const { product_id = "", url = "" } = where || { product_id: this.getAttribute("product") || "", url: this.getAttribute("url") ?? (this.page ? "" : location.href) };
    const asked = String(new URLSearchParams({ product_id, url: url.length > 2000 ? "" : url }));
    if (asked !== this.asked) {
      this.asked = asked;
      const told = product_id || url ? call(this.at(`page?${asked}`), { token: this.getAttribute("key") }).then((response) => response.json()) : Promise.resolve();
      this.located = told.then((found) => asked === this.asked && this.about(found), () => { this.asked = null; });
    }
    return this.located;
  }

  /** Shows the product that messages are sent with; none once the customer has taken it away. */
  about({ product_id, title } = {}) {
    this.product = product_id;
    this.ui.product.textContent = title || "";
    this.ui.about.hidden = !product_id;
  }

  /* -- colours, theme, names -- */

  paintTheme() {
    const wish = this.getAttribute("theme") || kept.read("xiaoer:theme") || "auto";
    const dark = wish === "dark" || (wish !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    this.dataset.theme = dark ? "dark" : "light";
    if (this.page) document.documentElement.dataset.theme = this.dataset.theme;
    const accent = colour(this.getAttribute("accent")) || colour(this.held?.store?.accent) || colour(this.given.accent);
    if (accent) for (const [name, value] of Object.entries(palette(accent, dark))) this.style.setProperty(name, value);
    this.ui.themeLabel.textContent = this.t(["light", "dark"].includes(wish) ? wish : "auto");
  }

  nextTheme() {
    const order = ["auto", "light", "dark"];
    const now = this.getAttribute("theme") || kept.read("xiaoer:theme") || "auto";
    this.removeAttribute("theme");
    kept.write("xiaoer:theme", order[(order.indexOf(now) + 1) % 3]);
    this.paintTheme();
  }

  paintStore() {
    const store = this.held?.store || {};
    const name = store.name || this.given.store_name || this.getAttribute("name") || this.t("shop");
    const logo = web(this.getAttribute("logo") || store.logo_url || this.given.logo_url || "about:");
    for (const mark of [this.ui.mark, this.ui.bigMark]) mark.replaceChildren(logo ? make("img", { src: logo, alt: "", referrerpolicy: "no-referrer", onerror: () => mark.replaceChildren([...name][0]) }) : [...name][0]);
    this.ui.name.textContent = name;
    this.ui.greeting.textContent = this.held?.greeting || this.given.greeting || this.t("greeting");
    const notice = this.given.notice || "";
    this.ui.notice.textContent = notice;
    this.ui.notice.hidden = !notice;
    const questions = this.held?.suggestions || this.given.questions || [];
    this.ui.questions.replaceChildren(...questions.slice(0, 4).map((question) => make("button", { type: "button", class: "question", onclick: () => this.say(question) }, make("span", {}, question), icon("arrow"))));
    this.paintTheme();
    this.paintOwner();
  }

  paintOwner() {
    const { state } = this, called = state !== "assistant";
    const waiting = () => this.t("waiting") + (this.ahead ? ` · ${this.t("ahead", { n: this.ahead })}` : "");
    this.ui.status.textContent = state === "staff" ? this.t("staff") : called ? waiting() : this.held?.disclosure || this.given.disclosure || this.t("ai");
    this.ui.status.title = this.ui.status.textContent;
    this.ui.status.classList.toggle("live", state === "staff");
    this.ui.person.disabled = called;
    this.ui.personLabel.textContent = this.t(called ? "asked" : "person");
    this.ui.person.title = this.ui.personLabel.textContent;
    this.ui.person.setAttribute("aria-label", this.ui.personLabel.textContent);
    this.tighten();
  }

  /* -- opening and closing -- */

  get opened() { return this.page || !this.ui.panel.hidden; }

  async open() {
    if (this.opened) return;
    this.before = document.activeElement;
    this.ui.panel.hidden = false;
    this.ui.launcher.setAttribute("aria-expanded", "true");
    this.ui.launcher.setAttribute("aria-label", this.t("close"));
    this.ui.launcher.firstChild.replaceWith(icon("fold"));
    this.count(0);
    this.fit();
    this.toEnd(true);
    this.ui.box.focus({ preventScroll: true });
    emit("open");
    this.locate();
    this.see();
    if (this.has) { this.listen(); this.vouch(); }
    else this.ensure().catch(() => {});  // fetches the greeting; a failure shows when something is sent
  }

  close() {
    if (this.page || !this.opened) return;
    this.ui.panel.hidden = true;
    this.hideSource();
    this.ui.launcher.setAttribute("aria-expanded", "false");
    this.ui.launcher.setAttribute("aria-label", this.t("open"));
    this.ui.launcher.firstChild.replaceWith(icon("chat"));
    this.fit();
    (this.before && this.before !== document.body && this.before.isConnected ? this.before : this.ui.launcher).focus({ preventScroll: true });
    emit("close");
  }

  /** Puts the line that says who answers below the name where it would be cut off beside it. */
  tighten() {
    const { panel, status, name } = this.ui;
    panel.classList.remove("tight");
    const cut = (element) => element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
    if (panel.clientWidth && (cut(name) || status.clientHeight > 24)) panel.classList.add("tight");
  }

  /** On a phone the panel fills what the keyboard leaves, and the page behind does not scroll. */
  fit() {
    const full = this.opened && !this.page && matchMedia(PHONE).matches;
    if (full !== Boolean(this.locked)) {
      const { style } = document.documentElement;
      if (full) this.overflow = style.overflow;
      style.overflow = full ? "hidden" : this.overflow;
      this.locked = full;
    }
    const view = window.visualViewport;
    const { style } = this.ui.panel;
    const squeezed = (full || this.page) && view && window.innerHeight - view.height > 80;
    style.height = squeezed ? `${view.height}px` : "";
    style.top = squeezed ? `${view.offsetTop}px` : "";
    if (squeezed && this.stuck) this.toEnd();
    this.tighten();
  }

  onKey(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (this.ui.source) this.hideSource();
      else if (!this.ui.menu.hidden) this.toggleMenu();
      else this.close();
    }
    if (event.key !== "Tab" || this.page) return;
    const stops = [...this.ui.panel.querySelectorAll("button, a[href], textarea, input, [tabindex='0']")].filter((stop) => !stop.disabled && stop.getClientRects().length);
    const [first, last] = [stops[0], stops.at(-1)];
    const now = this.shadowRoot.activeElement;
    if (event.shiftKey ? now === first : now === last) {
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }
  }

  toggleMenu() {
    const open = this.ui.menu.hidden;
    this.ui.menu.hidden = !open;
    this.ui.more.setAttribute("aria-expanded", String(open));
    (open ? this.ui.menu.firstChild : this.ui.more).focus();
    if (!open) return;
    const away = (event) => {
      if (event.composedPath().includes(this.ui.menu) || event.composedPath().includes(this.ui.more)) return;
      document.removeEventListener("pointerdown", away);
      this.ui.menu.hidden = true;
      this.ui.more.setAttribute("aria-expanded", "false");
    };
    document.addEventListener("pointerdown", away);
  }

  count(unread) {
    this.unread = unread;
    if (!this.ui.badge) return;
    this.ui.badge.hidden = !unread;
    this.ui.badge.textContent = unread > 9 ? "9+" : unread;
    if (unread) this.ui.launcher.setAttribute("aria-label", `${this.t("open")}, ${this.t("unread", { n: unread })}`);
    emit("unread", unread);
  }

  /* -- the conversation: kept, begun, forgotten -- */

  /** Takes up the conversation this browser keeps, if any. */
  adopt() {
    const held = kept.read(this.slot);
    if (held?.id && held.id === this.held?.id) return;
    this.reset();
    this.held = held?.id ? held : null;
    this.paintStore();
    if (this.has && (this.opened || Date.now() - (held.spoke || 0) < 3_600_000)) this.catchUp().catch((refused) => this.lose(refused)).then(() => this.listen());
  }

  /** Who comes by the link of a letter goes on in that conversation; what the link holds leaves the address at once. */
  async comeBack() {
    const [, id, token] = /^#back=([0-9a-f-]{36})\.(cl_[\w-]+)$/.exec(location.hash) || [];
    if (!id) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    if (kept.read(this.slot)?.id === id) return;
    try {
      const values = await (await call(this.at(`conversations/${id}`), { token })).json();
      kept.write(this.slot, { ...values, token });
      this.adopt();
    } catch (refused) {
      this.add({ author: "system", text: this.t(refused.gone ? "ended" : "broken"), bad: !refused.gone, local: true });
    }
  }

  /** Another person, another conversation; a guest who has signed in goes on with theirs. */
  identified() {
    if (!this.has) return;
    const { who, sub } = whose(identity), held = this.held;
    if (sub && (held.sub ? held.sub === sub : !held.who || held.who === who)) {
      if (this.opened) this.vouch();
    } else if ((held.who || null) !== who) this.startOver();
  }

  /** Gives the server the page's newest token, once: with the last one's end the customer's orders would be shut. */
  async vouch() {
    const { token } = identity || {}, { who, sub, exp } = whose(identity), { id } = this.held;
    if (!token || this.vouched === token) {
      if (exp * 1000 < Date.now()) this.stale();
      return;
    }
    try {
      await call(this.talk("identity"), { method: "POST", body: { token }, token: this.token });
      if (this.held?.id !== id) return;
      this.remember({ who, sub });
      this.vouched = token;
    } catch (refused) {
      if (this.held?.id !== id) return;
      if (refused.status === 409) this.startOver();
      else if (refused.status === 422) this.stale(token);
    }  // no answer: once more with the next message
  }

  /** The page's token is worth nothing any more: the chat goes on without it, and the page may give another. */
  stale(token = this.vouched) {
    this.vouched = token;
    if (this.told === token) return;
    this.told = token;
    emit("token");
  }

  remember(values) {
    Object.assign(this.held, values);
    kept.write(this.slot, this.held);
  }

  /** The conversation, begun now if there is none. */
  ensure() {
    if (this.has) return this.vouch().then(() => (this.has ? undefined : this.ensure()));
    this.beginning ??= this.begin().finally(() => { this.beginning = null; });
    return this.beginning;
  }

  async begin() {
    const body = { locale: this.locale }, key = this.getAttribute("key"), given = identity, { who, sub } = whose(given);
    if (this.getAttribute("store")) body.store = this.getAttribute("store");
    if (given) body.customer = { id: given.id, name: given.name, token: given.token };
    const open = () => call(this.at("conversations"), { method: "POST", body, token: key });
    const response = await open().catch((refused) => {
      if (refused.error !== "BadIdentity") throw refused;
      delete body.customer.token;
      this.stale(given.token);
      return open();
    });
    const { id, token, greeting, disclosure, notice, suggestions, store } = await response.json();
    this.given.notice = notice;
    this.held = { id, token, greeting, disclosure, suggestions, store, who, sub, owner: "assistant", state: "assistant" };
    this.vouched = given?.token;
    this.remember({});
    this.paintStore();
    this.listen();
  }

  reset() {
    this.hangUp();
    this.entries = [];
    this.held = this.ahead = null;
    this.caught = false;
    this.hideSource();
    this.ui.list.replaceChildren();
    this.ui.panel.classList.remove("begun");
    this.showBusy();
  }

  startOver() {
    kept.write(this.slot, null);
    const { store, greeting, suggestions, disclosure } = this.held || {};
    this.reset();
    this.given = { ...this.given, accent: store?.accent || this.given.accent, logo_url: store?.logo_url || this.given.logo_url, store_name: store?.name || this.given.store_name, greeting: greeting || this.given.greeting, disclosure: disclosure || this.given.disclosure, questions: suggestions || this.given.questions };
    this.paintStore();
    if (this.opened) this.ui.box.focus();
  }

  /** True if the server does not know the conversation any more; then it is forgotten here as well. */
  lose(refused) {
    if (!refused?.gone) return false;
    if (kept.read(this.slot)?.id === this.held?.id) kept.write(this.slot, null);
    this.hangUp();
    this.held = null;
    for (const entry of this.entries) entry.position = undefined;  // positions of another conversation say nothing
    return true;
  }

  /* -- listening: one tab hears and tells the others, since a browser has few connections per server -- */

  hangUp() {
    this.line?.abort();
    this.line = null;
    this.channel?.close();
    this.channel = null;
  }

  /** Begins to hear; `inFront` takes the line from another tab, which may be asleep in the background. */
  listen(inFront = false) {
    if (!this.has || document.hidden || (this.line && (this.hearing || !inFront))) return;
    if (!this.line) {
      this.line = new AbortController();
      if (window.BroadcastChannel) {
        this.channel = new BroadcastChannel(`xiaoer:${this.held.id}`);
        this.channel.onmessage = ({ data }) => this.hear(data);
      }
    }
    this.queue(this.line, inFront);
  }

  queue(line, steal) {
    const stop = new AbortController();
    line.signal.addEventListener("abort", () => stop.abort());
    const hear = async () => {
      if (this.hearing || this.line !== line) return;
      this.hearing = true;
      await this.hearOn(stop.signal).finally(() => { this.hearing = false; });
    };
    if (!navigator.locks) { hear(); return; }  // a plain http page: each tab hears for itself
    navigator.locks.request(`xiaoer:${this.held.id}`, steal ? { steal } : { signal: line.signal }, hear).catch(() => {
      stop.abort();  // a tab that came to the front took the line, or the conversation is over
      if (this.line === line) setTimeout(() => this.line === line && this.queue(line, false), 100);
    });
  }

  async hearOn(signal) {
    for (let failures = 0; !signal.aborted && this.has;) {
      try {
        const response = await call(this.talk("events"), { token: this.token, accept: "text/event-stream", signal });
        await this.catchUp();
        failures = 0;
        this.warn(false);
        for await (const event of events(response)) {
          if (signal.aborted) return;
          this.hear(event);
          this.channel?.postMessage(event);
        }
      } catch (refused) {
        if (signal.aborted) return;
        if (this.lose(refused)) {
          if (!this.entries.some((entry) => entry.state === "sending")) this.adopt();
          return;
        }
        failures += 1;
        if (failures > 1) this.warn(true);
      }
      await pause(Math.min(1000 * 2 ** failures, 30_000) * (0.75 + Math.random() / 2), signal);
    }
  }

  /** Reads what was said while nobody listened. */
  async catchUp() {
    for (let after = -1; this.has;) {
      const last = this.entries.reduce((most, entry) => Math.max(most, Math.floor(entry.position || 0)), 0);
      if (last === after) return;
      after = last;
      const { id } = this.held;
      const list = await (await call(`${this.talk("messages")}?after=${after}`, { token: this.token })).json();
      if (this.held?.id !== id) return;
      list.forEach((message) => this.receive({ ...message, message_id: message.id }, { fresh: this.caught }));
    }
    this.caught = true;
  }

  warn(broken = this.broken) {
    this.broken = broken;
    const text = !navigator.onLine ? this.t("offline") : broken ? this.t("again") : "";
    if (this.ui.banner.textContent !== text) this.ui.banner.textContent = text;
    this.ui.banner.hidden = !text;
  }

  /* -- what happens -- */

  /** An event of the live stream. The words of a turn asked for here come by its own stream, not by this one. */
  hear({ kind, data }) {
    const question = data.turn && this.entries.find((entry) => entry.id === data.turn);
    if (kind === "message") this.receive(data, { live: true, fresh: true });
    else if (kind === "owner") this.own(data);
    else if (kind === "place") this.place(data.ahead);
    else if (kind === "typing") this.otherTypes(data.author);
    else if (kind === "confirm") this.addConfirm(data);
    else if (kind === "done" || kind === "handoff" || kind === "failed") {
      if (question && !question.mine) this.happen(kind, data, question.turn ||= { question });
    } else if (question?.heard && !question.mine) this.happen(kind, data, question.turn ||= { question });
  }

  happen(kind, data, turn) {
    if (kind === "text") {
      if (turn.over || turn.blind) return;
      turn.answer ||= this.add({ author: "assistant", text: "", state: "streaming", at: new Date(), language: null });
      turn.answer.text += data.delta;
      this.speak(data.delta);
      this.paintSoon(turn.answer);
    } else if (kind === "tool") turn.doing = /fail|succ|done|ok|end/.test(data.status) ? null : data.name;
    else if (kind === "confirm") this.addConfirm(data);
    else if (kind === "done" || kind === "handoff") {
      turn.over = true;
      if (data.message_id) this.settle(data, turn);
      else if (turn.answer && !turn.answer.id) { this.remove(turn.answer); turn.answer = null; }  // a person came: the rest, and so the whole, was left unsaid
      if (kind === "handoff") this.handed(data);
    } else if (kind === "failed") {
      turn.over = true;
      if (turn.answer && !turn.answer.id) this.remove(turn.answer);
      if (turn.question && !turn.question.id && turn.question.mine) turn.question.state = "sent";
      this.add({ author: "system", text: data.detail || this.t("lost"), bad: true, act: turn.question && (() => this.say(turn.question.text)) });
    }
    this.showBusy();
  }

  handed({ reason, ahead, ticket, text }) {
    const known = this.state !== "assistant", come = reason === "with_staff";
    if (!known) this.own({ owner: come ? "staff" : "assistant", state: come ? "staff" : "waiting" });
    if (ahead !== undefined) this.place(ahead);
    if (!text && !known && !come) this.add({ author: "system", text: this.t("handing"), local: true });
    emit("handoff", { reason, ticket });
  }

  /** How many wait before this customer; null: nobody is waited for. */
  place(ahead) {
    this.ahead = ahead;
    this.paintOwner();
  }

  /** Who answers next, and where the conversation stands. */
  own({ owner, state = owner === "staff" ? "staff" : "assistant" }) {
    if (state === "closed") state = "assistant";
    if (!this.held || (this.held.owner === owner && this.state === state)) return;
    if (state !== "waiting" && state !== this.state) this.hideSuggestions();
    this.remember({ owner, state });
    this.paintOwner();
    this.showBusy();
  }

  /** A whole message, from the live stream or read again: shown once, whatever way it came. */
  receive(message, { live = false, fresh = false }) {
    const { message_id: id, position, author } = message;
    let entry = this.entries.find((each) => each.id === id);
    if (!entry && author === "customer") {
      const same = this.entries.filter((each) => each.mine && !each.id && each.text === message.text);
      entry = same.find((each) => each.state !== "failed") || same[0];
      if (entry) Object.assign(entry, { id, state: "sent" });
    }
    if (!entry && author === "system" && this.entries.at(-1)?.local) this.remove(this.entries.at(-1));
    const question = message.answers && this.entries.find((each) => each.id === message.answers);
    if (author === "assistant" && !entry) {
      const turn = question?.turn || { question };
      turn.over = true;
      entry = this.settle(message, turn, fresh);
    }
    if (!entry) entry = this.add({ ...fromWire(message), heard: live && author === "customer" }, position);
    entry.position = position;
    if (message.attachments) entry.files = message.attachments;
    entry.at = new Date(message.created_at);
    if (author === "customer" && !entry.mine && Date.now() - entry.at < 120_000) entry.turn ||= { question: entry };
    if (author === "staff") {
      this.typist = null;
      this.own({ owner: "staff", state: "staff" });
    }
    this.paint(entry);
    if (message.confirm) this.addConfirm(message.confirm, message.position);
    if (fresh) this.notify(entry);
    if (author === "staff") {
      this.paintOwner();
      this.see();
    }
    this.showBusy();
  }

  /** Tells the server what staff have said and the customer has before their eyes: the rest may go to them by mail. */
  see() {
    const position = this.entries.findLast((entry) => entry.author === "staff" && entry.position)?.position;
    if (!position || document.hidden || !this.opened || !this.has || (this.held.seen || 0) >= position) return;
    const { id } = this.held, { seen } = this.held;
    this.remember({ seen: position });
    call(this.talk("seen"), { method: "POST", body: { position }, token: this.token }).catch(() => { if (this.held?.id === id) this.remember({ seen }); });
  }

  /** The final form of an answer takes the place of what was streamed. */
  settle(data, turn, fresh = true) {
    const known = this.entries.find((entry) => entry.id === data.message_id);
    const draft = turn?.answer;
    if (known && draft && known !== draft) this.remove(draft);
    const entry = known || draft || this.add({ ...fromWire(data), author: "assistant", text: "" }, data.position);
    if (turn) turn.answer = entry;
    if (fresh && !known && !draft) this.speak(data.text);
    this.finish(entry, fromWire(data), fresh);
    return entry;
  }

  finish(entry, values, fresh = true) {
    const { author, ...rest } = values;
    Object.assign(entry, Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)), { state: "done" });
    this.speak("", true);
    this.paint(entry);
    if (fresh) this.notify(entry);
  }

  notify(entry) {
    if (entry.notified || entry.author === "customer") return;
    entry.notified = true;
    if (entry.author !== "assistant") this.speak(`${entry.name ? `${entry.name}: ` : ""}${entry.text}\n`, true);
    if (!this.opened) this.count(this.unread + 1);
    emit("message", { id: entry.id, author: entry.author, text: entry.text });
  }

  otherTypes(author) {
    if (author === "customer") return;
    this.typist = author;
    clearTimeout(this.typistTimer);
    this.typistTimer = setTimeout(() => { this.typist = null; this.showBusy(); }, 6000);
    this.showBusy();
  }

  showBusy() {
    const turn = this.entries.map((entry) => entry.turn).find((each) => each && !each.over && !(each.answer && !each.doing) && (each.question?.state !== "failed"));
    const staffed = this.held?.owner === "staff";  // nobody writes by itself
    const doing = turn?.doing && (Object.entries({ order: /order|订单/, logistics: /logist|ship|track|deliver/, ticket: /ticket/, stock: /stock|product|price/ }).find(([, like]) => like.test(turn.doing))?.[0] || "working");
    const stuck = this.stuck;
    this.ui.typing.hidden = !(this.typist || (turn && !staffed));
    this.ui.doing.textContent = this.t(doing || "typing");
    this.ui.doing.className = doing ? "" : "unseen";
    this.paintJudge();
    if (stuck) this.toEnd();
  }

  /* -- sending -- */

  onInput() {
    const { box, send, counter } = this.ui;
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 136)}px`;
    const length = [...box.value].length;
    send.disabled = !box.value.trim() || length > LONGEST;
    counter.textContent = length > LONGEST ? this.t("over", { n: length - LONGEST }) : length > COUNTER_FROM ? this.t("left", { n: LONGEST - length }) : "";
    counter.classList.toggle("bad", length > LONGEST);
  }

  onType(event) {
    const composing = event.isComposing || event.keyCode === 229;  // 229: Safari's Enter that only ends a composition
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const { box, send } = this.ui;
    if (send.disabled) return;
    const text = box.value;
    box.value = "";
    this.onInput();
    this.say(text);
    box.focus();
  }

  say(text) {
    text = text.replace(CONTROL, "").trim();
    if (!text) return;
    this.hideSuggestions();
    const entry = this.add({ author: "customer", text, mine: true, key: unique(), at: new Date() });
    this.toEnd(true);
    this.deliver(entry);
  }

  onPaste(event) {
    const files = [...(event.clipboardData?.files || [])];
    if (!files.length) return;
    event.preventDefault();
    this.sendFiles(files);
  }

  sendFiles(files) {
    for (const file of files) {
      const entry = this.add({ author: "customer", text: file.name || this.t("file"), file, files: [{ name: file.name || this.t("file"), size: file.size, type: file.type }], mine: true, key: unique(), at: new Date() });
      this.deliverFile(entry);
    }
    this.toEnd(true);
  }

  async deliverFile(entry) {
    entry.state = "sending";
    entry.problem = null;
    this.paint(entry);
    const body = new FormData();
    body.append("file", entry.file, entry.text);
    body.append("idempotency_key", entry.key);
    try {
      await this.ensure();
      const message = await (await call(this.talk("attachments"), { method: "POST", body, token: this.token })).json();
      this.remember({ spoke: Date.now() });
      Object.assign(entry, { state: "sent", id: message.id });
      this.receive({ ...message, message_id: message.id }, {});
      this.listen();
      await this.catchUp().catch(() => {});
    } catch (refused) {
      if (!(refused instanceof Refused)) console.error(refused);
      this.lose(refused);
      const known = { FileTooLarge: "large", FileKindRefused: "unfit" }[refused.error] || (refused.status === 413 ? "large" : undefined);
      this.fail(entry, { ...refused, status: refused.status, seconds: refused.seconds, known });
    }
  }

  /** Pictures as pictures, every other file by its name; what has no address yet is on its way. */
  fileCards(entry) {
    return entry.files.map(({ url, name, type, size, erased_at: erased }) => {
      if (erased) return make("span", { class: "file" }, icon("file"), make("span", { class: "filename" }, name), make("small", {}, this.t("erased", { date: new Intl.DateTimeFormat(this.language, { dateStyle: "medium" }).format(new Date(erased)) })));
      const there = url && web(new URL(url, this.getAttribute("server") || HOME).href);
      const big = size >= 1_000_000 ? `${(size / 1_000_000).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1000))} KB`;
      const card = () => make(there ? "a" : "span", { class: "file", ...(there && { href: there, target: "_blank", rel: "noopener noreferrer", download: name }) },
        icon("file"), make("span", { class: "filename" }, name), make("small", {}, there || entry.state === "failed" ? big : this.t("uploading")));
      if (!there || !/^image\//.test(type)) return card();
      const link = make("a", { href: there, target: "_blank", rel: "noopener noreferrer" });
      const picture = make("img", { class: "picture", src: there, alt: name, referrerpolicy: "no-referrer", onload: () => this.stuck && this.toEnd(), onerror: () => link.replaceWith(card()) });
      link.append(picture);
      return link;
    });
  }

  async deliver(entry, tries = 0) {
    if (entry.file) { await this.deliverFile(entry); return; }
    const turn = (entry.turn = { question: entry, answer: entry.turn?.answer, blind: tries > 0 });
    entry.state = "sending";
    entry.problem = null;
    this.paint(entry);
    this.showBusy();
    let accepted = tries > 0, passed;
    const before = this.passing;  // two requests at once may arrive in any order
    this.passing = new Promise((resolve) => { passed = resolve; });
    try {
      await before;
      await Promise.all([this.ensure(), Promise.race([this.locate(), pause(2000)])]);
      const page = this.product ? { product_id: this.product } : null;
      const response = await call(this.talk("messages"), { method: "POST", token: this.token, accept: "text/event-stream", body: { text: entry.text, idempotency_key: entry.key, page } });
      passed();
      accepted = true;
      entry.state = "sent";
      this.remember({ spoke: Date.now() });
      this.warn(false);
      this.listen();
      this.paint(entry);
      if (/event-stream/.test(response.headers.get("Content-Type"))) for await (const { kind, data } of events(response)) this.happen(kind, data, turn);
      else this.happen("done", await response.json(), turn);
      if (!turn.over) throw new Refused(0);
    } catch (refused) {
      passed();
      if (turn.over) return;
      if (!(refused instanceof Refused)) console.error(refused);
      if (this.lose(refused) && tries < 1) {  // the old conversation has ended: say it in a new one
        this.add({ author: "system", text: this.t("ended"), local: true }, undefined, entry);
        this.deliver(entry, 0.5);
      } else if (accepted && refused.status === 0 && tries < 4) {  // it arrived; ask again for the rest, under the same key
        await pause(700 * 2 ** tries);
        if (this.entries.includes(entry) && !turn.over) this.deliver(entry, Math.floor(tries) + 1);
      } else this.fail(entry, refused);
    }
  }

  /** What a customer is told of a refusal. The server's own words are for whoever builds; only how a change stands is theirs. */
  told({ status, error, detail }, otherwise = "failed") {
    return error === "NotAsWished" ? detail : this.t(status === 429 ? "busy" : otherwise);
  }

  fail(entry, { status, seconds, known }) {
    entry.state = "failed";
    if (entry.turn) entry.turn.over = true;
    const pending = entry.turn?.answer;
    if (pending && !pending.id) this.remove(pending);
    const wait = status === 429 || status === 503 ? seconds || 5 : 0;
    entry.problem = { text: this.told({ status }, known), until: wait && Date.now() + wait * 1000, fixed: status === 422 || status === 413 };
    this.paint(entry);
    this.showBusy();
    this.speak(`${entry.problem.text}\n`, true);
    clearInterval(entry.timer);
    if (wait) entry.timer = setInterval(() => {
      if (Date.now() >= entry.problem?.until || entry.state !== "failed") clearInterval(entry.timer);
      this.paint(entry);
    }, 1000);
  }

  async askPerson() {
    this.ui.person.disabled = true;
    try {
      await this.ensure();
      const response = await call(this.talk("handoff"), { method: "POST", body: {}, token: this.token });
      this.listen();
      const { text, owner = "assistant", state = "waiting" } = await response.json().catch(() => ({}));
      this.remember({ spoke: Date.now() });
      this.own({ owner, state });
      await this.catchUp().catch(() => {});
      if (this.entries.findLast((entry) => entry.author === "system")?.text !== text) this.add({ author: "system", text: text || this.t("handing"), local: true });
      emit("handoff", { reason: "asked" });
    } catch (refused) {
      if (this.lose(refused) && !this.retried) {
        this.retried = true;
        await this.askPerson();
        this.retried = false;
        return;
      }
      this.paintOwner();
      this.add({ author: "system", text: this.told(refused, "broken"), bad: true, local: true, act: () => this.askPerson() });
    }
    this.toEnd(true);
  }

  async rate(entry, score, comment) {
    entry.feedback = score === "up" ? 5 : 1;
    entry.asking = score === "down" && comment === undefined;
    entry.thanked = !entry.asking;
    this.paint(entry);
    const body = comment ? { score, comment: comment.slice(0, 2000) } : { score };
    try {
      await call(this.at(`messages/${entry.id}/feedback`), { method: "POST", body, token: this.token });
    } catch (refused) {
      Object.assign(entry, { feedback: null, asking: false, thanked: false });
      this.paint(entry);
      this.speak(`${this.told(refused)}\n`, true);
    }
  }

  /** At the end of a conversation: a judgement of all of it, asked for once, until something else is said. */
  paintJudge() {
    const last = this.entries.at(-1), { judge } = this.ui, id = (last?.rate && last.id) || "";
    if (judge.dataset.of === id) return;
    judge.dataset.of = id;
    judge.replaceChildren(...(id && this.held.judged !== id ? [this.judgeForm(id)] : []));
  }

  judgeForm(id) {
    const given = {}, { language, words } = this.entries.at(-1);
    const served = words && !WORDS[(language || "").slice(0, 2)];  // asked in the language of the answer, where we have no words
    const t = (name, values = {}) => (served ? fill(words[name], values) : this.t(name, values));
    const input = make("input", { type: "text", maxlength: "500", placeholder: t("comment"), "aria-label": t("comment") });
    const problem = make("p", { class: "bad", role: "alert" });
    const more = make("div", { class: "judged", hidden: true });
    const send = async (values) => {
      problem.textContent = "";
      try {
        await call(this.talk("csat"), { method: "POST", body: Object.assign(given, values), token: this.token });
        this.remember({ judged: id });
        return true;
      } catch (refused) { problem.textContent = this.told(refused); }
    };
    const press = (buttons, on) => buttons.forEach((each, i) => each.setAttribute("aria-pressed", String(on(i))));
    const stars = [1, 2, 3, 4, 5].map((n) => make("button", { type: "button", class: "thumb", "aria-pressed": "false", "aria-label": t("points", { n }), title: t("points", { n }), onclick: async () => {
      press(stars, (i) => i < n);
      more.hidden = !await send({ score: n });
      if (this.stuck) this.toEnd();
    } }, icon("star")));
    const ends = ["solved", "unsolved"].map((name, i) => make("button", { type: "button", class: "reason", "aria-pressed": "false", onclick: () => {
      given.resolved = !i;
      press(ends, (at) => at === i);
    } }, t(name)));
    more.append(make("div", { class: "row" }, ...ends), make("div", { class: "row" }, input, make("button", { type: "submit", class: "plain" }, t("submit"))));
    const form = make("form", { class: "reasons judge", dir: "auto", lang: served ? language : undefined, "aria-label": t("judge"), onsubmit: async (event) => {
      event.preventDefault();
      if (await send({ reason: input.value.trim() || null })) form.replaceChildren(make("span", { role: "status" }, t("thanks")));
    } }, make("span", {}, t("judge")), make("div", { class: "row stars" }, ...stars), problem, more);
    return form;
  }

  /** `after` is the position of the message that asks, where it comes from the thread and not from a stream. */
  addConfirm(data, after) {
    if (this.entries.some((entry) => entry.confirm?.token === data.token)) return;
    const entry = this.add({ author: "assistant", confirm: data, text: "", state: "done", at: new Date() }, after && after + 0.5);
    this.speak(`${this.t("confirm")}\n`, true);
    const rest = new Date(data.expires_at) - Date.now();
    if (rest > 0 && rest < 86_400_000) setTimeout(() => this.paint(entry), rest + 500);
  }

  async decide(entry, accept) {
    if (entry.deciding) return;
    entry.deciding = true;
    entry.problem = null;
    this.paint(entry);
    try {
      const response = await call(this.talk("confirm"), { method: "POST", body: { token: entry.confirm.token, accept }, token: this.token });
      const said = await response.json().catch(() => null);
      entry.decided = accept ? "done" : "refused";
      if (said?.message_id && said.text) this.settle(said, null);
    } catch (refused) {
      entry.problem = this.told(refused);
      if (refused.status === 409 || refused.gone) entry.decided = "expired";
    }
    entry.deciding = false;
    this.paint(entry);
  }

  /* -- showing -- */

  add(values, position, before) {
    const entry = { at: new Date(), ...values, position };
    const later = before || (position && this.entries.find((each) => each.position > position));
    entry.element = make("article", { class: "message", "data-author": entry.author, lang: entry.language || undefined });
    if (!later && entry.suggestions?.length) this.hideSuggestions();
    if (later) {
      this.entries.splice(this.entries.indexOf(later), 0, entry);
      later.element.before(entry.element);
    } else {
      this.entries.push(entry);
      this.ui.list.append(entry.element);
    }
    if (entry.author !== "system") this.ui.panel.classList.add("begun");
    this.paint(entry);
    return entry;
  }

  remove(entry) {
    entry.element.remove();
    this.entries = this.entries.filter((each) => each !== entry);
  }

  /** Paints with the next frame: words arrive faster than anybody reads. */
  paintSoon(entry) {
    if (entry.due) return;
    entry.due = true;
    const now = () => { if (entry.due) this.paint(entry); };
    if (document.hidden) setTimeout(now, 100);
    else requestAnimationFrame(now);
  }

  paint(entry) {
    entry.due = false;
    const held = this.stuck;
    const focused = entry.element.contains(this.shadowRoot.activeElement) && this.shadowRoot.activeElement.dataset.key;
    if (entry.author === "system") this.paintLine(entry);
    else this.paintMessage(entry);
    if (focused) entry.element.querySelector(`[data-key="${focused}"]`)?.focus();
    if (held) this.toEnd();
    else if (this.overflows) this.ui.below.hidden = false;
  }

  paintLine(entry) {
    entry.element.className = entry.bad ? "line bad" : "line";
    entry.element.title = exact(entry.at, this.language);
    entry.element.replaceChildren(make("span", { dir: "auto" }, entry.text));
    if (entry.ticket) entry.element.append(this.ticketLink(entry));
    if (entry.suggestions?.length && this.entries.at(-1) === entry) entry.element.append(this.suggestionRow(entry));
    if (entry.act) entry.element.append(make("button", { type: "button", class: "text", onclick: () => { this.remove(entry); entry.act(); } }, icon("retry"), this.t("retry")));
  }

  paintMessage(entry) {
    const { element, author } = entry;
    if (!entry.body) {
      const label = author === "customer" ? this.t("you") : author === "staff" ? entry.name || this.t("human") : this.t("machine");
      entry.body = make("div", { class: "bubble", dir: "auto" });
      entry.after = make("div", { class: "after" });
      element.append(make("span", { class: author === "staff" ? "label" : "unseen" }, author === "staff" && entry.name ? `${entry.name} · ${this.t("human")}` : label), entry.body, entry.after);
    }
    if (entry.language) element.lang = entry.language;
    element.dataset.state = entry.state || "done";
    entry.body.title = author === "customer" ? exact(entry.at, this.language) : "";
    if (entry.confirm) entry.body.replaceChildren(...this.confirmCard(entry));
    else if (entry.files?.length) this.paintFiles(entry);
    else if (author === "customer") entry.body.textContent = entry.text;
    else this.paintText(entry);
    entry.after.replaceChildren(...this.afterwards(entry).filter(Boolean));
  }

  paintFiles(entry) {
    const now = JSON.stringify([entry.state, entry.files]);
    if (entry.painted === now) return;  // a picture that is drawn again would flash
    entry.painted = now;
    entry.body.replaceChildren(...this.fileCards(entry));
    entry.body.classList.toggle("pictured", entry.files.every((each) => each.url && !each.erased_at && /^image\//.test(each.type)));
  }

  paintText(entry) {
    const streaming = entry.state === "streaming";
    const sources = entry.sources || [];
    const cited = new Set();
    const chip = (source) => make("button", { type: "button", class: "chip", "data-key": `s${source.n}`, "aria-label": this.t("source", { n: `${source.n}: ${source.title || ""}` }), title: source.title, onclick: (event) => this.showSource(entry, source, event.currentTarget) }, String(source.n));
    const cite = (n) => {
      const source = sources.find((each) => each.n === n);
      if (source) cited.add(n);
      return source ? chip(source) : streaming ? make("span", { class: "chip" }, String(n)) : null;
    };
    const text = streaming && (entry.text.match(/\*\*/g) || []).length % 2 ? `${entry.text}**` : entry.text;
    for (const [, number] of text.matchAll(/\[(\d{1,2})\]/g)) cite(Number(number));  // also of blocks that stay as painted
    const rest = streaming ? [] : sources.filter((source) => !cited.has(source.n) && !cited.size);
    write(entry.body, text, cite, `${streaming}${sources.map((source) => source.n)}`);
    if (!rest.length) return;
    const own = entry.added && text.endsWith(entry.added) ? blocks(text.slice(0, -entry.added.length)).length : 0;
    let end = entry.body.children[own - 1] || entry.body.lastElementChild || entry.body;
    while (/^(UL|OL)$/.test(end.tagName)) end = end.lastElementChild;
    if (/^(DIV|TABLE)$/.test(end.tagName) && end !== entry.body) {
      end.after(make("p"));
      end = end.nextElementSibling;
    }
    if (end.querySelector(".chip")) return;
    const last = end.lastChild, word = last?.nodeType === 3 ? /(?:[\p{sc=Latin}\p{N}.,%]{1,20}|\S)$/u.exec(last.data)?.[0] || "" : "";
    if (word) last.data = last.data.slice(0, -word.length);
    end.append(make("span", { class: "tie" }, word, chip(rest[0])), ...rest.slice(1).map(chip));
  }

  afterwards(entry) {
    const { author, state } = entry;
    if (author === "customer") return state === "failed" && entry.problem ? [this.problem(entry)] : [];
    if (state === "streaming" || entry.confirm) return [];
    const last = this.entries.findLast((each) => each.author !== "system" || each.suggestions?.length) === entry;
    const time = make("time", { datetime: entry.at.toISOString(), title: exact(entry.at, this.language) }, ago(entry.at, this.language, this.t("now")));
    const rated = author === "assistant" && entry.id && this.token;
    const thumb = (score, value) => make("button", { type: "button", class: "thumb", "data-key": score, "aria-label": this.t(score), title: this.t(score), "aria-pressed": String(entry.feedback === value), onclick: () => this.rate(entry, score) }, icon("up", score === "down"));
    return [
      make("div", { class: "foot" }, time, rated && thumb("up", 5), rated && thumb("down", 1), entry.ticket && this.ticketLink(entry), entry.thanked && make("span", { class: "thanks", role: "status" }, this.t("thanks"))),
      entry.asking && this.reasonForm(entry),
      last && entry.suggestions?.length ? this.suggestionRow(entry) : null,
    ];
  }

  suggestionRow({ suggestions }) {
    return make("div", { class: "suggestions" }, ...suggestions.slice(0, 6).map((text) => make("button", { type: "button", class: "suggestion", dir: "auto", onclick: () => this.say(text) }, text)));
  }

  ticketLink({ ticket, link }) {
    const text = this.t("number", { n: ticket }), address = link && web(new URL(link, this.getAttribute("server") || HOME).href);
    return address ? anchor(address, text) : text;
  }

  problem(entry) {
    const { text, until, fixed } = entry.problem;
    const left = until ? Math.max(0, Math.ceil((until - Date.now()) / 1000)) : 0;
    const counted = left ? this.t("soon", { detail: text, n: left }) : text;
    const again = () => { this.deliver(entry); };
    const edit = () => { this.remove(entry); this.ui.box.value = entry.text; this.onInput(); this.ui.box.focus(); };
    return make("div", { class: "problem" }, make("span", { dir: "auto" }, counted),
      !fixed && make("button", { type: "button", class: "text", "data-key": "retry", disabled: left > 0, onclick: again }, icon("retry"), this.t("retry")),
      !entry.file && make("button", { type: "button", class: "text", "data-key": "edit", onclick: edit }, this.t("edit")),
      entry.file && make("button", { type: "button", class: "text", "data-key": "edit", onclick: () => this.remove(entry) }, this.t("cancel")));
  }

  reasonForm(entry) {
    const chosen = new Set();
    const input = make("input", { type: "text", maxlength: "500", placeholder: this.t("comment"), "aria-label": this.t("comment") });
    const reason = (text) => make("button", { type: "button", class: "reason", "aria-pressed": "false", onclick: (event) => {
      const on = !chosen.delete(text) && Boolean(chosen.add(text));
      event.currentTarget.setAttribute("aria-pressed", String(on));
    } }, text);
    return make("form", { class: "reasons", "aria-label": this.t("why"), onsubmit: (event) => { event.preventDefault(); this.rate(entry, "down", [...chosen, input.value.trim()].filter(Boolean).join("; ") || ""); } },
      make("span", { class: "ask" }, this.t("why")), make("div", { class: "row" }, ...this.t("reasons").map(reason)),
      make("div", { class: "row" }, input, make("button", { type: "submit", class: "plain" }, this.t("submit"))));
  }

  /** A change that waits for a yes. Lines of the summary such as "Address: A → B" are shown as before and after. */
  confirmCard(entry) {
    const { summary, expires_at: expires } = entry.confirm;
    const until = new Date(expires);
    const over = entry.decided || (until < Date.now() && "expired");
    const said = typeof summary === "string" ? summary.split("\n") : [summary?.title, ...(summary?.changes || [])].filter(Boolean);
    const rows = said.map((line) => {
      const parts = typeof line === "object" ? [null, line.label, line.before, line.after] : /^(?:([^：:]{1,40})[：:]\s*)?(.+?)\s*(?:→|->)\s*(.+)$/.exec(line);
      if (!parts) return make("p", {}, ...inline(String(line), () => null));
      return make("div", { class: "change" }, parts[1] && make("span", { class: "what" }, parts[1]), make("del", {}, parts[2] ?? "–"), make("ins", {}, make("span", { "aria-hidden": "true" }, "→ "), parts[3] ?? "–"));
    });
    const yes = make("button", { type: "button", class: "primary", "data-key": "yes", disabled: entry.deciding, onclick: () => this.decide(entry, true) }, this.t("yes"));
    const no = make("button", { type: "button", class: "plain", "data-key": "no", disabled: entry.deciding, onclick: () => this.decide(entry, false) }, this.t("no"));
    const end = make("p", { class: "until", role: "status" }, over === "done" && icon("check"), over ? this.t(over) : this.t("until", { time: new Intl.DateTimeFormat(this.language, { timeStyle: "short" }).format(until) }));
    return [make("strong", {}, this.t("confirm")), ...rows, entry.problem && make("p", { class: "bad" }, entry.problem), !over && make("div", { class: "row" }, yes, no), (over || !Number.isNaN(+until)) && end].filter(Boolean);
  }

  showSource(entry, source, chip) {
    this.hideSource();
    const link = source.url && web(source.url);
    const close = this.button("tool", "close", this.t("close"), () => this.hideSource());
    const card = make("div", { class: "source", role: "dialog", "aria-label": this.t("source", { n: source.n }) },
      make("div", { class: "top" }, make("span", { class: "chip" }, String(source.n)), make("strong", { dir: "auto" }, source.title || this.t("source", { n: source.n })), close),
      make("blockquote", { dir: "auto", tabindex: "0" }, ...marked(source.quote || "", entry.text, source.passage)),
      link && make("div", { class: "row" }, anchor(link, this.t("read"), icon("link"))));
    const veil = make("div", { class: "veil", onclick: (event) => event.target === veil && this.hideSource() }, card);
    this.ui.source = veil;
    this.ui.chip = chip;
    chip.setAttribute("aria-expanded", "true");
    this.ui.panel.append(veil);
    const frame = this.ui.panel.getBoundingClientRect();
    if (frame.width >= 600) {
      const at = chip.getBoundingClientRect();
      const above = at.top - frame.top > frame.height / 2;
      card.classList.add("near");
      card.style.left = `${Math.max(16, Math.min(at.left - frame.left - 24, frame.width - card.offsetWidth - 16))}px`;
      card.style.top = `${above ? at.top - frame.top - card.offsetHeight - 10 : at.bottom - frame.top + 10}px`;
    }
    card.querySelector("mark")?.scrollIntoView({ block: "nearest" });
    close.focus({ preventScroll: true });
  }

  hideSource() {
    if (!this.ui.source) return;
    const inside = this.ui.source.contains(this.shadowRoot.activeElement);
    this.ui.source.remove();
    this.ui.source = null;
    this.ui.chip.removeAttribute("aria-expanded");
    if (inside) this.ui.chip.focus({ preventScroll: true });
  }

  hideSuggestions() {
    this.ui.list.querySelectorAll(".suggestions").forEach((row) => row.remove());
  }

  /** Read out politely, a sentence at a time, so that a stream does not stutter in a screen reader. */
  speak(delta, all = false) {
    this.spoke += delta;
    const [ready, rest] = sentences(this.spoke);
    this.spoke = all ? "" : rest;
    for (const text of [ready, all ? rest.trim() : ""]) if (text) this.ui.aloud.append(make("p", {}, text.replace(/\*\*|`|\[\d{1,2}\]/g, "")));
    while (this.ui.aloud.children.length > 12) this.ui.aloud.firstChild.remove();
  }

  tick() {
    for (const time of this.ui.list.querySelectorAll("time")) time.textContent = ago(new Date(time.dateTime), this.language, this.t("now"));
  }

  /* -- scrolling: the end is followed only by who is at the end -- */

  get overflows() { return this.ui.scroll.scrollHeight > this.ui.scroll.clientHeight + 4; }

  get stuck() {
    const { scroll } = this.ui;
    return this.follow !== false || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 32;
  }

  onScroll() {
    const { scroll, below } = this.ui;
    this.follow = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 32;
    if (this.follow) below.hidden = true;
  }

  toEnd(anyway = false) {
    if (anyway) this.follow = true;
    this.ui.scroll.scrollTop = this.ui.scroll.scrollHeight;
    this.ui.below.hidden = true;
  }
}

/** A message of the wire as an entry. */
function fromWire({ message_id: id, author, text, language, author_name: name, sources, suggestions, feedback, route, rate, judge: words, attachments: files, ticket, ticket_url: link, created_at: at, added }) {
  return { id, author, text, added, language, name, sources, suggestions, feedback: feedback ?? undefined, route, rate, words, files, ticket, link, at: at ? new Date(at) : undefined, state: "done" };
}

customElements.define("xiaoer-chat", XiaoerChat);

if (SCRIPT?.dataset.key) {
  const place = () => {
    if (!here()) document.body.append(make("xiaoer-chat", { ...SCRIPT.dataset, server: HOME }));
  };
  if (document.body) place();
  else document.addEventListener("DOMContentLoaded", place);
}
window.dispatchEvent(new Event("xiaoer:ready"));
})();
