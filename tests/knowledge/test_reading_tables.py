"""CSV, JSON and JSONL read by the names of their fields, or by a mapping."""

import json
from typing import Any

import pytest

from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.reading.files import read, read_all
from xiaoer.knowledge.reading.mapping import BadMapping, load
from xiaoer.knowledge.reading.problems import Unreadable
from xiaoer.knowledge.reading.reader import Outcome


def csv(text: str, name: str = "faq.csv", encoding: str = "utf-8") -> list[Document]:
    return read(text.encode(encoding), name)


def outcome(data: Any, name: str = "products.json", **mapping: Any) -> Outcome:
    content = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    (found,) = read_all([(name, content.encode())], mapping=mapping or None)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "问题,答案,相似问\n能退吗,能，七天内,可以退货吗;退货可以吗\n",
        "标准问\t标准答案\t相似问法\n能退吗\t能，七天内\t可以退货吗|退货可以吗\n",
        "question;answer;variants\n能退吗;能，七天内;可以退货吗|退货可以吗\n",
        'Question,Answer,Similar Questions\n能退吗,能，七天内,"可以退货吗\n退货可以吗"\n',
        "序号,问题（必填）,答案,相似问1,相似问2\n1,能退吗,能，七天内,可以退货吗,退货可以吗\n",
        "sep=;\nQ;A;Variants\n能退吗;能，七天内;可以退货吗|退货可以吗\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_questions_and_answers_under_their_usual_names(text: str, encoding: str) -> None:
    (document,) = csv(text, encoding=encoding)
    assert (document.kind, document.title, document.text) == ("question", "能退吗", "能，七天内")
    assert document.questions == ("可以退货吗", "退货可以吗")


def test_more_columns_of_a_question() -> None:
    (document,) = csv(
        "question,answer,product_id,category,language,valid_to,status,url\n"
        "Is it waterproof?,Yes.,SKU-1,Watches,en,2026-12-31,Draft,https://a.b/c\n"
    )
    assert document.product_ids == ("SKU-1",)
    assert document.tags == ("Watches",)
    assert (document.locale, document.status, document.url) == ("en", "draft", "https://a.b/c")
    assert document.valid_to is not None


def test_the_same_question_of_two_products_gets_two_keys() -> None:
    first, second = csv("问题,答案,商品ID\n防水吗,是,1\n防水吗,否,2\n")
    assert first.key != second.key


def test_two_rows_with_one_key_are_kept_apart() -> None:
    first, second = csv("question,answer\nsame?,a\nsame?,b\n")
    assert first.key != second.key


def test_rows_of_products_become_articles() -> None:
    (found,) = read_all(
        [
            (
                "p.csv",
                "商品ID,商品名称,商品描述,容量,保质期,成本价,库存\n"
                "A1,热水器,速热节能，适合三口之家使用。,60升,18 个月,900,3\n".encode(),
            )
        ]
    )
    (document,) = found.documents
    assert (document.title, document.product_ids, document.key) == ("热水器", ("A1",), "p.csv:A1")
    assert document.text == "- 商品描述：速热节能，适合三口之家使用。\n- 容量：60升\n- 保质期：18 个月"
    assert found.notes == ("columns left out: 成本价, 库存",)


RUGS = """
SKU,Name,Description,Pile height (mm),绒毛密度,Price,Barcode,Picture,Gift card,Channel,In stock,Remark,Commission
R-1,Moss rug,Soft.,12,每平方米 9 万针,$89.00,4006381333931,https://x.test/1.jpg,false,web,3,ask Ann,5%
R-2,Fern rug,Softer.,9,每平方米 7 万针,$59.00,4006381333948,https://x.test/2.jpg,false,web,0,,5%
R-3,Reed rug,Flat.,3.5,,$39.00,4006381333955,https://x.test/3.jpg,false,web,7,,4%
R-4,Sand rug,Flat.,4,,$39.00,4006381333962,https://x.test/4.jpg,false,web,7,,4%
"""


def test_attributes_that_only_this_trade_has_are_told_and_nothing_that_is_no_attribute() -> None:
    (found,) = read_all([("rugs.csv", RUGS.strip().encode())])
    assert found.documents[0].text == (
        "- Description: Soft.\n- Pile height: 12 mm\n- 绒毛密度：每平方米 9 万针\n- Price: $89.00"
    )
    left_out = "Barcode, Picture, Gift card, Channel, In stock, Remark, Commission"
    assert found.notes == (f"columns left out: {left_out}",)


def test_a_table_that_is_no_list_of_records_stays_a_table() -> None:
    (document,) = csv("Region,First kg,Supplier price\nTibet,12|50,9\nHainan,8,3\n", "fees.csv")
    assert document.text == "| Region | First kg |\n| --- | --- |\n| Tibet | 12\\|50 |\n| Hainan | 8 |"
    assert document.title == "fees"


def test_a_csv_under_another_name_is_known_by_its_head() -> None:
    (document,) = csv("question,answer\na?,b\n", "export.txt")
    assert document.kind == "question"


def test_a_csv_without_rows_has_no_text() -> None:
    with pytest.raises(Unreadable, match="no text"):
        csv("question,answer\n")


def test_a_csv_with_an_open_quote_is_still_read_or_said_so() -> None:
    assert csv('question,answer\na?,"b\n')[0].text == "b"
    with pytest.raises(Unreadable, match="breaks off"):
        csv('question,answer\na?,"' + "b" * 1_100_000)


CATALOGUE = {
    "jd": {
        "shop-1": {
            "100": {
                "商品ID": "100",
                "商品名称": "热水器",
                "商品状态": "已上架",
                "商品价格": 1999,
                "商品描述": "速热。",
                "安装说明": "安装流程：1.测量位置；2.安装挂板；3.通电。安装费150元。",
                "常见故障": [
                    {"代码": "F1", "名称": "漏水", "办法": "拧紧"},
                    {"代码": "F2", "名称": "不热", "办法": "重启"},
                ],
                "赠品": [{"名称": "电风扇", "描述": "签收后发出"}],
            },
            "200": {"商品ID": "200", "商品名称": "空调", "商品状态": "下架", "商品描述": "静音。", "安装说明": ""},
        }
    }
}
MAPPING = {
    "records": "jd.*",
    "key": "商品ID",
    "title": "商品名称",
    "text": ["商品描述", {"安装": "安装说明"}, "常见故障", "赠品"],
    "product_ids": "商品ID",
    "status": "商品状态",
}


def test_a_mapping_says_what_the_fields_of_a_catalogue_are() -> None:
    first, second = outcome(CATALOGUE, **MAPPING).documents
    assert first == Document(
        key="products.json:100",
        title="热水器",
        text=(
            "- 商品描述：速热。\n\n"
            "## 安装\n\n安装流程：\n1.测量位置；\n2.安装挂板；\n3.通电。\n安装费150元。\n\n"
            "## 常见故障\n\n- 代码：F1；名称：漏水；办法：拧紧\n- 代码：F2；名称：不热；办法：重启\n\n"
            "## 赠品\n\n- 电风扇：签收后发出"
        ),
        product_ids=("100",),
        source="products.json",
    )
    assert (second.status, second.text) == ("draft", "- 商品描述：静音。")


def test_without_a_mapping_the_usual_names_are_known_wherever_they_stand() -> None:
    found = outcome(CATALOGUE)
    assert [document.title for document in found.documents] == ["热水器", "空调"]
    assert found.documents[0].product_ids == ("100",)
    assert found.notes == ("fields left out: 商品价格",)


@pytest.mark.parametrize(
    "data",
    [
        [{"question": "能退吗", "answer": "能"}],
        {"data": {"items": [{"question": "能退吗", "answer": "能"}]}},
        {"faqs": {"1": {"问题": "能退吗", "答案": "能"}}},
        [{"questions": ["能退吗"], "answer": "能"}],
        {"question": "能退吗", "answer": "能"},
        '{"question": "能退吗", "answer": "能"}\n{"question": "", "answer": "能"}\n\n',
    ],
)
def test_questions_in_json_of_many_shapes(data: Any) -> None:
    (document,) = outcome(data, "faq.json").documents
    assert (document.kind, document.title, document.text) == ("question", "能退吗", "能")


def test_all_wordings_of_a_question_are_kept() -> None:
    (document,) = outcome([{"questions": ["能退吗", "可退？", "能退吗"], "answer": "能"}]).documents
    assert (document.title, document.questions) == ("能退吗", ("可退？",))


def test_json_lines_are_records_too() -> None:
    found = outcome('{"title": "A", "text": "a"}\n{"title": "B", "text": "b"}\n', "x.jsonl")
    assert [document.title for document in found.documents] == ["A", "B"]


def test_records_without_a_text_are_counted() -> None:
    found = outcome([{"title": "A", "text": "a"}, {"title": "B"}, {"title": "", "text": "c"}])
    assert found.notes == ("2 of 3 records left out: no title or no text",)


def test_paths_reach_inside_and_constants_stand_for_themselves() -> None:
    data = {"items": {"k1": {"name": {"zh": "壶"}, "parts": [{"care": "擦干"}, {"care": "晾干"}]}}}
    (document,) = outcome(
        data, records="items", key="@key", title="name.zh", text="parts.care", locale="=zh", tags="=壶", source="shop"
    ).documents
    assert (document.key, document.title, document.locale, document.tags) == ("shop:k1", "壶", "zh", ("壶",))
    assert document.text == "- 擦干\n- 晾干"


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ({"caption": "x"}, "caption"),
        ({"title": "x"}, "text"),
        ({"title": 3, "text": "x"}, "title"),
        ({"title": "x", "text": 3}, "give"),
        ({"title": "x", "text": [3]}, "text"),
        ({"title": "x", "text": "y", "tags": {"a": 1}}, "tags"),
    ],
)
def test_a_wrong_mapping_is_said_so(mapping: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadMapping, match=reason):
        read(b"[]", "a.json", mapping=mapping)


@pytest.mark.parametrize("data", [b"", b"[1]", b"{", b"[" * 100_000, b'{"title": "x"}'])
def test_a_mapping_file_that_is_none_is_said_so(data: bytes) -> None:
    with pytest.raises(BadMapping):
        load(data)


def test_records_that_are_not_where_the_mapping_says() -> None:
    problem = outcome(CATALOGUE, **{**MAPPING, "records": "taobao.*"}).problem
    assert problem
    assert "taobao" in problem.detail


def test_a_catalogue_of_unknown_names_asks_for_a_mapping() -> None:
    problem = outcome([{"foo": "x", "bar": "y"}]).problem
    assert problem
    assert "mapping" in problem.remedy


@pytest.mark.parametrize("text", ["{", '{"a": }', "[1, 2", "[" * 100_000, '{"a": 1}\n{"b": }', '{"a": NaN', "nul"])
def test_broken_json_is_said_so(text: str) -> None:
    with pytest.raises(Unreadable, match=r"JSON|nested|records"):
        read(text.encode(), "a.json")


def test_too_many_records_are_refused() -> None:
    rows = "\n".join(["question,answer", *["q,a"] * 100_001])
    with pytest.raises(Unreadable, match="more than 100000"):
        csv(rows)


def test_a_point_inside_a_number_is_no_list() -> None:
    (document,) = outcome([{"title": "A", "text": "水压：0.1-0.6MPa，功率：1.5匹；2.5匹可选。"}]).documents
    assert "\n" not in document.text


def test_a_period_that_cannot_be_read_does_not_become_one_without_end() -> None:
    (found,) = read_all([("p.csv", "问题,答案,有效期至\n满减吗,满300减50,下周五\n包邮吗,包,2026年12月31日\n".encode())])
    assert [document.title for document in found.documents] == ["包邮吗"]
    assert found.notes == ("1 of 2 records left out: a period of validity that cannot be read",)


def test_what_a_database_cannot_store_is_taken_out() -> None:
    (document,) = read(
        b'[{"title": "a\\u0000b\\ud800", "text": "c\\u0000d\\udfff", "id": "' + b"k" * 9000 + b'"}]', "a.json"
    )
    assert (document.title, document.text) == ("ab", "cd")
    assert len(document.key) < 400


def test_questions_without_end_are_left_out() -> None:
    (found,) = read_all([("a.csv", f"question,answer,variants\n{'q' * 501},a\nshort?,a,{'v' * 501}|ok?".encode())])
    (document,) = found.documents
    assert document.questions == ("ok?",)
