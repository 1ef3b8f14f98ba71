/**
 * SQL: the subjects whose notifications and contacts concern `subject` (an expression of type text), as an array: itself,
 * and for a kit the orders that it belongs to. To be used with `= any(…)`, which an index serves; an `or` around a
 * subquery would read the whole table.
 */
export const concerned = (subject: string): string =>
  `(${subject} || array(select 'order:' || l.order_number from links l
    where ${subject} like 'kit:%' and l.barcode = substr(${subject}, 5)))`;
