"""What Shopify's Admin GraphQL API is asked.

https://shopify.dev/docs/api/admin-graphql
"""

from typing import Final

_MONEY: Final = "{ presentmentMoney { amount currencyCode } }"
_PRODUCT: Final = """
fragment P on Product {
  id title description productType onlineStoreUrl status
  variants(first: 100) { nodes {
    id sku title price inventoryQuantity inventoryPolicy inventoryItem { tracked } availableForSale
    selectedOptions { name value }
  } }
}"""
_ORDER: Final = f"""
fragment O on Order {{
  id name createdAt updatedAt processedAt cancelledAt closedAt email phone note
  displayFinancialStatus displayFulfillmentStatus
  customer {{ id }}
  shippingAddress {{ name phone address1 address2 city province countryCodeV2 zip }}
  subtotalPriceSet {_MONEY} totalShippingPriceSet {_MONEY} totalDiscountsSet {_MONEY} totalPriceSet {_MONEY}
  lineItems(first: 100) {{ nodes {{
    id sku name quantity variantTitle product {{ id }}
    originalUnitPriceSet {_MONEY} discountedTotalSet {_MONEY}
  }} }}
  fulfillments(first: 20) {{
    id createdAt displayStatus estimatedDeliveryAt trackingInfo {{ company number url }}
    events(first: 50) {{ nodes {{ happenedAt status message city country }} }}
  }}
  returns(first: 20) {{ nodes {{ id status createdAt }} }}
  refunds {{ id createdAt note totalRefundedSet {_MONEY} }}
}}"""
SHOP: Final = "query { shop { currencyCode } }"
PRODUCTS: Final = "query($q: String!, $n: Int!) { products(first: $n, query: $q) { nodes { ...P } } }" + _PRODUCT
PRODUCT: Final = "query($id: ID!) { product(id: $id) { ...P } }" + _PRODUCT
BY_SKU: Final = (
    "query($q: String!) { productVariants(first: 5, query: $q) { nodes { sku product { ...P } } } }" + _PRODUCT
)
ORDERS: Final = (
    "query($q: String!, $n: Int!, $after: String) { orders(first: $n, after: $after, query: $q, sortKey: CREATED_AT, "
    "reverse: true) { nodes { ...O } pageInfo { hasNextPage endCursor } } }" + _ORDER
)
CUSTOMER: Final = (
    "query($id: ID!) { customer(id: $id) { id displayName locale defaultEmailAddress { emailAddress } "
    "defaultPhoneNumber { phoneNumber } } }"
)
RETURNABLE: Final = (
    "query($id: ID!) { returnableFulfillments(orderId: $id, first: 20) { nodes { returnableFulfillmentLineItems("
    "first: 100) { nodes { quantity fulfillmentLineItem { id lineItem { id sku } } } } } } }"
)
JOB: Final = "query($id: ID!) { job(id: $id) { id done } }"
CANCEL: Final = (
    "mutation($id: ID!, $note: String) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true, "
    "refundMethod: { originalPaymentMethodsRefund: true }, notifyCustomer: true, staffNote: $note) "
    "{ job { id done } orderCancelUserErrors { code field message } } }"
)
UPDATE: Final = (
    "mutation($input: OrderInput!) { orderUpdate(input: $input) { order { id } userErrors { field message } } }"
)
TAG: Final = (
    "mutation($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) "
    "{ node { id } userErrors { field message } } }"
)
RETURN: Final = (
    "mutation($input: ReturnRequestInput!) { returnRequest(input: $input) "
    "{ return { id status } userErrors { code field message } } }"
)
