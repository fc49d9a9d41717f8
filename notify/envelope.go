package notify

// An Envelope is what receivers that are programs get: subscribers of SNS other than people, and webhooks. It holds one alert or
// several.
type Envelope struct {
	Schema string  `json:"schema"` // "outguard.alerts/v1"
	Alerts []Alert `json:"alerts"`
}

// EnvelopeSchema is the version of Envelope's JSON form.
const EnvelopeSchema = "outguard.alerts/v1"

func envelope(alerts []Alert) Envelope { return Envelope{EnvelopeSchema, alerts} }
