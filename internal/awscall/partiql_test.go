package awscall

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStatements(t *testing.T) {
	for text, want := range map[string]string{
		`SELECT * FROM orders`:                                            "SELECT orders",
		`select * from "orders" where id = 'x'`:                           "SELECT orders",
		`SELECT * FROM azAZ09_`:                                           "SELECT azAZ09_",
		`SELECT * FROM "orders";`:                                         "SELECT orders",
		"SELECT a, \"from\" FROM orders ; \n":                             "SELECT orders",
		`SELECT * FROM "orders"."by-day" WHERE d IN ['a', 'b'];`:          "SELECT orders/by-day",
		`SELECT * FROM orders.by_day ORDER BY d DESC`:                     "SELECT orders/by_day",
		`SELECT * FROM orders AS o WHERE o.id = 'FROM users'`:             "SELECT orders",
		`SELECT * FROM orders o WHERE contains(o.x, ', users')`:           "SELECT orders",
		`SELECT "a""b" FROM "or""ders"`:                                   `SELECT or"ders`,
		"SELECT * -- FROM users\nFROM orders":                             "SELECT orders",
		"SELECT * -- FROM users\r\nFROM orders -- JOIN users":             "SELECT orders",
		`/* users */ SELECT * FROM /* "users" */ orders`:                  "SELECT orders",
		`INSERT INTO "orders" VALUE {'id': ?, 'lines': [1, 2]}`:           "INSERT orders",
		`INSERT INTO orders VALUE {'from': 'x'} ;`:                        "INSERT orders",
		`UPDATE "orders" SET a = list_append(a, [1]) REMOVE b WHERE id=?`: "UPDATE orders",
		`UPDATE orders SET n = n - 1 WHERE id='1' RETURNING ALL OLD *`:    "UPDATE orders",
		`DELETE FROM "orders" WHERE id='1' RETURNING ALL OLD *;`:          "DELETE orders",
		`EXISTS(SELECT * FROM "orders" WHERE id='1' AND n > 0)`:           "SELECT orders",
		`exists (select * from orders where id = '1')`:                    "SELECT orders",

		// More than one table, or one that cannot be known.
		`SELECT * FROM orders, users`:                                    "SELECT",
		`SELECT * FROM orders AS o, users AS u`:                          "SELECT",
		`SELECT * FROM orders o, users`:                                  "SELECT",
		`SELECT * FROM orders JOIN users ON a = b`:                       "SELECT",
		`SELECT * FROM orders o CROSS JOIN users`:                        "SELECT",
		`SELECT * FROM orders; DELETE FROM users`:                        "SELECT",
		`SELECT * FROM orders WHERE id IN (SELECT id FROM users)`:        "SELECT",
		`SELECT * FROM (SELECT * FROM users)`:                            "SELECT",
		`SELECT (SELECT * FROM users) FROM orders`:                       "SELECT",
		`SELECT * FROM my-orders`:                                        "SELECT",
		`SELECT * FROM orders.a.b`:                                       "SELECT",
		`SELECT * FROM orders[0]`:                                        "SELECT",
		`SELECT * FROM orders.`:                                          "SELECT",
		`SELECT * FROM 'orders'`:                                         "SELECT",
		"SELECT * FROM orders\u00a0, users":                              "SELECT",
		"SELECT * --\r FROM users /*\n FROM orders --*/":                 "",
		`SELECT * /* /* */ FROM users --*/ FROM orders`:                  "",
		"SELECT `'` FROM users WHERE a = `' FROM orders --`":             "",
		`SELECT * FROM "orders`:                                          "",
		`SELECT * FROM orders /*`:                                        "",
		`INSERT orders VALUE {}`:                                         "INSERT",
		`DELETE orders`:                                                  "DELETE",
		`EXISTS SELECT * FROM orders`:                                    "EXISTS",
		`EXISTS(SELECT * FROM orders WHERE EXISTS(SELECT * FROM users))`: "SELECT",
		`CREATE TABLE orders`:                                            "CREATE",
		``:                                                               "",
		`;`:                                                              ";",
		`EXISTS(EXISTS(EXISTS(SELECT * FROM orders)))`:                   "SELECT orders",
		`SELECT * FROM "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"`: "SELECT arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
		`SELECT * FROM "".x`: "SELECT",
	} {
		verb, table, index := statement(text)
		got := verb
		if table != "" {
			got += " " + table
		}
		if index != "" {
			got += "/" + index
		}
		assert.Equal(t, want, got, text)
	}
}

// A statement is read to its end, however deep it is.
func FuzzStatement(f *testing.F) {
	for _, text := range []string{`SELECT * FROM "a"."b" WHERE c = 'd'`, `EXISTS(SELECT * FROM a)`, "-- x\n/* y */ INSERT INTO a VALUE {};"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, table, index := statement(text)
		if table == "" && index != "" {
			t.Errorf("%q has an index of no table", text)
		}
	})
}
