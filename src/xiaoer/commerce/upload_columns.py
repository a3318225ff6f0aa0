"""What shops call the columns and statuses of their tables, in Chinese and English; spaces and marks do not count."""

from collections.abc import Mapping
from typing import Final

from xiaoer.commerce.values import OrderState


def _names(table: Mapping[str, str]) -> dict[str, str]:
    return {name.casefold(): ours for ours, names in table.items() for name in names.split()}


PRODUCTS: Final = _names(
    {
        "id": "商品编号 商品编码 商品id 款号 货号 productid productno itemid handle id",
        "sku": "sku 规格编码 sku编码 商家编码 skuid variantsku 条码",
        "name": "商品名称 名称 商品名 标题 商品标题 宝贝标题 宝贝名称 name title productname product",
        "options": "规格 规格名称 颜色分类 属性 销售属性 variant option options size 尺码 型号",
        "price": "价格 售价 单价 销售价 一口价 现价 price saleprice unitprice variantprice",
        "member_price": "会员价 memberprice",
        "stock": "库存 库存数量 可售库存 数量 stock quantity inventory qty variantinventoryqty",
        "category": "类目 分类 商品分类 品类 category type producttype",
        "description": "描述 商品描述 详情 简介 卖点 description",
        "url": "链接 商品链接 网址 url link",
        "on_sale": "状态 商品状态 上架状态 是否上架 上下架 status published",
    }
)
ORDERS: Final = _names(
    {
        "number": "订单号 订单编号 订单id 单号 主订单编号 orderno ordernumber orderid order number",
        "state": "订单状态 状态 交易状态 status orderstatus state",
        "placed_at": "下单时间 订单创建时间 创建时间 下单日期 orderdate createdat placedat date orderedat ordertime",
        "customer": "会员号 客户编号 用户id 买家id 客户id customerid buyerid userid",
        "sku": "sku 规格编码 sku编码 商家编码 货号 lineitemsku",
        "product": "商品 商品名称 商品标题 宝贝标题 product productname item itemname lineitemname",
        "options": "规格 商品规格 商品属性 颜色分类 variant options",
        "quantity": "数量 购买数量 商品数量 件数 quantity qty lineitemquantity",
        "price": "单价 商品单价 商品价格 price unitprice lineitemprice",
        "total": "实付 实付金额 实付款 买家实付 订单金额 总金额 应付金额 金额 订单总额 支付金额 实收金额 合计 总价 "
        "total amount totalpaid ordertotal",
        "shipping": "运费 邮费 快递费 shipping shippingfee freight",
        "recipient": "收货人 收件人 收货人姓名 收件人姓名 recipient shippingname receiver",
        "phone": "手机 手机号 联系电话 收货人手机 收件人手机 电话 收货人电话 phone mobile tel shippingphone",
        "email": "邮箱 电子邮箱 email",
        "region": "省 省份 收货省份 province region state/province",
        "city": "市 城市 收货城市 city shippingcity",
        "street": "收货地址 详细地址 地址 收件地址 address street shippingaddress",
        "country": "国家 国家代码 country countrycode shippingcountry",
        "postcode": "邮编 邮政编码 postcode zip zipcode shippingzip",
        "carrier": "快递 快递公司 物流公司 carrier courier",
        "tracking": "快递单号 运单号 物流单号 trackingno trackingnumber waybill",
        "note": "备注 买家留言 买家备注 note remark",
    }
)
LINES: Final = frozenset({"sku", "product", "options", "quantity", "price"})
"""Columns of a line of an order; the others belong to the whole."""
FIGURES: Final = frozenset({"price", "member_price", "stock", "quantity", "total", "shipping", "placed_at"})
"""Columns that are reckoned with, however a sheet shows them; the others are read as they look."""

_STATES: Final[Mapping[OrderState, str]] = {
    "pending": "待付款 待支付 未付款 等待买家付款 pending unpaid awaitingpayment on-hold",
    "paid": "待发货 已付款 已支付 买家已付款 等待卖家发货 未发货 paid processing unfulfilled",
    "packed": "配货中 待揽收 已打包 出库中 packed packing",
    "shipped": "已发货 运输中 待收货 卖家已发货 部分发货 shipped fulfilled dispatched in_transit",
    "delivered": "已签收 已收货 已送达 delivered",
    "completed": "已完成 交易成功 交易完成 完成 completed complete done",
    "cancelled": "已取消 已关闭 交易关闭 取消 cancelled canceled closed",
    "returning": "退货中 退款中 换货中 售后中 returning",
    "returned": "已退款 已退货 退款成功 returned refunded",
}
STATES: Final[Mapping[str, OrderState]] = {
    name.casefold(): state for state, names in _STATES.items() for name in names.split()
}
OFF_SALE: Final = frozenset(
    {
        *("下架", "已下架", "未上架", "停售", "仓库中", "否", "草稿"),
        *("inactive", "draft", "archived", "false", "no", "0", "off", "unpublished"),
    }
)
