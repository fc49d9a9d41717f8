package learn

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A pair is one thing that a rule allows: a subject under a condition, such as a URL with a method,
// or an operation on a resource.
type pair struct{ subject, condition string }

// A product is a rule that allows each of its subjects under each of its conditions.
type product struct{ subjects, conditions []string }

// group returns few products that together hold exactly the given pairs: those of one subject are
// together, or those of one condition, whichever makes fewer products.
func group(pairs map[pair]*evidence) []product {
	// Take GET /a, POST /a, GET /b, POST /b: by subject or by condition, this is one product of two
	// URLs and two methods. With GET /a, POST /a, GET /b it is two products, so that POST /b stays
	// forbidden.
	bySubject := gather(pairs, func(p pair) (string, string) { return p.subject, p.condition })
	byCondition := gather(pairs, func(p pair) (string, string) { return p.condition, p.subject })
	if len(byCondition) < len(bySubject) {
		// Products by condition have their sides the wrong way round.
		for i, p := range byCondition {
			byCondition[i] = product{p.conditions, p.subjects}
		}
		bySubject = byCondition
	}
	// The order of maps is random, and the same log must make the same policy.
	slices.SortFunc(bySubject, func(a, b product) int {
		return cmp.Or(slices.Compare(a.subjects, b.subjects), slices.Compare(a.conditions, b.conditions))
	})
	return bySubject
}

// gather collects what belongs to each key, and joins the keys to which the same belongs.
func gather(pairs map[pair]*evidence, split func(pair) (key, value string)) (all []product) {
	values := map[string][]string{}
	for p := range pairs {
		k, v := split(p)
		values[k] = append(values[k], v)
	}
	// Keys with the same values form one product. The zero byte is in no URL or ARN.
	keys := map[string][]string{}
	for _, k := range slices.Sorted(maps.Keys(values)) {
		slices.Sort(values[k])
		same := strings.Join(values[k], "\x00")
		keys[same] = append(keys[same], k)
	}
	for _, same := range slices.Sorted(maps.Keys(keys)) {
		all = append(all, product{keys[same], strings.Split(same, "\x00")})
	}
	return all
}

// evidenceOf merges what is known of the pairs of a product.
func (p product) evidenceOf(pairs map[pair]*evidence) evidence {
	var e evidence
	for _, s := range p.subjects {
		for _, c := range p.conditions {
			e.merge(pairs[pair{s, c}])
		}
	}
	return e
}
