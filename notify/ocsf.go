package notify

import "net/url"

// OCSF returns a as a Detection Finding of the Open Cybersecurity Schema Framework: class 2004,
// version 1.1.0, with the profiles cloud and security_control. Its JSON is what Amazon Security
// Lake takes from a custom source. Fields that OCSF does not have are under unmapped.
func (a Alert) OCSF() map[string]any {
	a = a.Clean()
	// The numbers are OCSF's enumerations.
	severity, action, disposition := 3, 1, 15 // medium; allowed; detected
	if a.Verdict == "block" {
		severity, action, disposition = 4, 2, 2 // high; denied; blocked
	}
	if a.Verdict == "log" {
		severity, disposition = 2, 17 // low; logged
	}
	return compact(map[string]any{
		"activity_id": 1, "activity_name": "Create", "category_uid": 2, "category_name": "Findings",
		"class_uid": 2004, "class_name": "Detection Finding", "type_uid": 200401, "type_name": "Detection Finding: Create",
		"time": a.Time.UnixMilli(), "start_time": a.first().UnixMilli(), "end_time": a.Time.UnixMilli(), "count": a.Count,
		"severity_id": severity, "status_id": 1, "status": "New", "action_id": action, "disposition_id": disposition,
		"message": headline(a), "status_detail": a.Reason,
		"metadata": compact(map[string]any{
			"version": "1.1.0", "profiles": []string{"cloud", "security_control"}, "correlation_uid": a.RequestID, "event_code": a.Call.Kind,
			"product": map[string]any{"name": "Outguard", "vendor_name": "Outguard", "feature": compact(map[string]any{"name": a.List, "uid": a.Rule})},
		}),
		"finding_info": compact(map[string]any{
			"uid": a.Fingerprint, "title": headline(a), "desc": a.Reason, "types": []string{"Policy Violation"},
			"created_time": a.Time.UnixMilli(), "first_seen_time": a.first().UnixMilli(), "last_seen_time": a.Time.UnixMilli(),
			"analytic": compact(map[string]any{"type_id": 1, "type": "Rule", "name": a.Rule, "uid": a.Place, "desc": a.List}),
		}),
		"cloud": compact(map[string]any{"provider": "AWS", "region": a.Region, "account": compact(map[string]any{"uid": a.Account, "type_id": 10, "type": "AWS Account"})}),
		"resources": []any{compact(map[string]any{
			"uid": a.functionARN(), "name": a.Function, "type": "AWS::Lambda::Function", "region": a.Region, "version": a.Version, "owner": owner(a),
		})},
		"evidences": []any{a.evidence()},
		"policy":    compact(map[string]any{"name": a.policyFile(), "uid": a.Policy}),
		"unmapped":  map[string]any{"outguard": a},
	})
}

// owner returns the policy's owner; nil, which compact removes, if it names none.
func owner(a Alert) map[string]any {
	if a.Owner == "" {
		return nil
	}
	return map[string]any{"name": a.Owner}
}

// evidence describes the call.
func (a Alert) evidence() map[string]any {
	e := map[string]any{"data": a.Call}
	switch a.Call.Kind {
	case "aws":
		e["api"] = compact(map[string]any{
			"operation": a.Call.Operation, "service": map[string]any{"name": a.Call.Service}, "request": compact(map[string]any{"uid": a.RequestID}),
		})
	case "http", "net":
		host, port := a.Call.destination()
		e["dst_endpoint"] = compact(map[string]any{"hostname": host, "port": port})
	}
	return e
}

// destination returns the host and port of a call. The port is 0 if the call does not show it.
func (c Call) destination() (host string, port int) {
	// The slashes make url.Parse take host:port for an authority, and not for a scheme.
	address := "//" + c.Net
	if c.URL != "" {
		address = c.URL
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", 0
	}
	// url.Parse has checked that these are digits.
	for _, digit := range u.Port() {
		port = port*10 + int(digit-'0')
	}
	if port == 0 {
		port = map[string]int{"https": 443, "http": 80}[u.Scheme]
	}
	return u.Hostname(), port
}

// compact removes empty values, which both formats advise to leave out.
func compact(m map[string]any) map[string]any {
	for k, v := range m {
		switch v := v.(type) {
		case string:
			if v == "" {
				delete(m, k)
			}
		case int:
			if v == 0 {
				delete(m, k)
			}
		case map[string]any:
			if len(v) == 0 {
				delete(m, k)
			}
		}
	}
	return m
}
