package notify

import (
	"context"
	"errors"
)

// sendAll sends items in as many requests as they take, with tries as try makes them. It returns
// those that did not arrive.
//
// send makes one request. It is done with the first n items then, but for those that failed. What
// the receiver refuses of one request does not keep it from the next; any other error does.
func sendAll[T any](ctx context.Context, sink string, items []T,
	send func(context.Context, []T) (failed []T, n int, err error),
) (left []T, failure *DeliveryError) {
	left = items
	failure = try(ctx, sink, func(ctx context.Context) error {
		// A retry begins with what is left: what has arrived must not arrive twice.
		items, refused := left, []Alert(nil)
		var err error
		left = nil
		for len(items) > 0 {
			failed, n, sendErr := send(ctx, items)
			left, items = append(left, failed...), items[n:]
			var partial *errPartial
			switch {
			case errors.As(sendErr, &partial):
				refused, err = append(refused, partial.refused...), sendErr
			// The next request would meet the same network or the same limit. So the rest is left.
			case sendErr != nil:
				left = append(left, items...)
				return withRefused(sendErr, refused)
			}
		}
		return withRefused(err, refused)
	})
	return left, failure
}

// withRefused adds what was refused earlier to an error.
func withRefused(err error, refused []Alert) error {
	if err == nil || refused == nil {
		return err
	}
	return &errPartial{err, refused}
}

// leaving returns the error of a Notifier that left alerts undelivered; nil if e is. The result is
// an error, and not a *DeliveryError: nil in an interface would not equal nil.
func (e *DeliveryError) leaving(left []Alert) error {
	if e == nil {
		return nil
	}
	e.Left = left
	e.Permanent = e.Permanent || len(e.Refused) > 0 && len(e.Refused) == len(left)
	return e
}
