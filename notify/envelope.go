package notify

// An Envelope holds one alert or several. Webhooks get it, and so do subscribers of SNS that are
// programs.
type Envelope struct {
	Schema string  `json:"schema"` // "outguard.alerts/v1"
	Alerts []Alert `json:"alerts"`
}

// EnvelopeSchema is the version of Envelope's JSON form.
const EnvelopeSchema = "outguard.alerts/v1"

// envelope returns the envelope of clean alerts.
func envelope(alerts []Alert) Envelope { return Envelope{EnvelopeSchema, alerts} }
