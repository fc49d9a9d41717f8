package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// known is the value of an operation or an action in the level table.
type known struct {
	level string
	takes bool
	never bool // its input never shows the resource that it takes
}

// value is how the table has it: the level, and 5 more for each that it takes or never shows.
func (k known) value() uint16 {
	// The order of the letters is that of awsops.Level: list, read, write, tagging, permissions.
	v := uint16(strings.Index("LRWTP", k.level) + 1)
	switch {
	case k.takes && k.never:
		v += 10
	case k.takes:
		v += 5
	}
	return v
}

// levelOf returns the access level of an operation, and whether it takes a resource. Of several
// actions, the one that changes most decides.
func (in *inputs) levelOf(prefix string, op operation) (k known, ok bool) {
	// The usual operation has IAM's action of the same name.
	if a, ok := in.actions[prefix+":"+op.name]; ok && op.actions == nil {
		return known{level: a.level, takes: a.takes}, true
	}
	for _, name := range op.actions {
		// An action of another service has its prefix.
		if !strings.Contains(name, ":") {
			name = prefix + ":" + name
		}
		a, found := in.actions[name]
		if !found {
			continue
		}
		ok = true
		k.takes = k.takes || a.takes
		// The order is also that of what changes most.
		if strings.Index("LRWTP", a.level) > strings.Index("LRWTP", k.level) || k.level == "" {
			k.level = a.level
		}
	}
	// What IAM's data gets wrong, or lacks, is pinned in overrides.txt with a reason.
	if level, pinned := in.overrides[prefix+":"+op.name]; pinned {
		k.level, ok = level, true
	}
	return k, ok
}

// all returns the value of every known name, by "prefix:Name".
func (in *inputs) all() (map[string]known, error) {
	all := map[string]known{}
	for name, a := range in.actions {
		all[name] = known{level: a.level, takes: a.takes}
	}
	// Each override must be used, so that none outlives its reason.
	pinned := maps.Clone(in.overrides)
	for _, s := range in.services {
		for _, op := range s.operations {
			key := s.prefix + ":" + op.name
			delete(pinned, key)
			k, ok := in.levelOf(s.prefix, op)
			if !ok {
				continue
			}
			have, twice := all[key]
			// Two services of one prefix may have an operation of one name; two levels would be a
			// mistake.
			if twice && have.level != k.level {
				return nil, fmt.Errorf("%s is %v as well as %v", key, have, k)
			}
			k.takes = k.takes || have.takes // S3 and S3 Control have operations of one name, and one of them takes a bucket
			all[key] = k
		}
	}
	// never.txt is made from the models, and may be older than IAM's data.
	for key := range in.never {
		k, ok := all[key]
		if !ok || !k.takes {
			return nil, fmt.Errorf("never.txt: %s takes no resource; run gen -fetch", key)
		}
		k.never = true
		all[key] = k
	}
	// An override for an operation that is gone would be forgotten.
	for key := range pinned {
		return nil, fmt.Errorf("overrides.txt: the SDK has no operation %s", key)
	}
	// IAM's own level counts, and an override would have no effect.
	for key := range in.overrides {
		if _, ok := in.actions[key]; ok {
			return nil, fmt.Errorf("overrides.txt: IAM has an action %s with a level", key)
		}
	}
	return all, nil
}

// strangers returns the operations of the SDK that no table has. Their levels are guessed, and the
// level table must not take them for others, so that the guess is reported.
func (in *inputs) strangers(known map[string]known) (keys []string) {
	for _, s := range in.services {
		for _, op := range s.operations {
			key := strings.ToLower(s.prefix + ":" + op.name)
			// An operation with actions of its own has a level by those.
			if _, ok := known[key]; !ok && op.actions == nil {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// levelTable returns the Go source of the level table.
func levelTable(in *inputs) (string, error) {
	all, err := in.all()
	if err != nil {
		return "", err
	}
	byKey := map[string]known{} // case does not count
	for name, k := range all {
		key := strings.ToLower(name)
		// awsops looks names up without regard to case.
		if have, ok := byKey[key]; ok && have != k {
			return "", fmt.Errorf("%s has two levels, by case", name)
		}
		byKey[key] = k
	}
	keys := slices.Sorted(maps.Keys(byKey))
	// The cell has seven bits of the hash and four of the value, as awsops.Find reads them.
	cells, seed, err := build(keys, in.strangers(byKey), func(i int, h uint64) uint16 {
		return uint16(h>>57)<<4 | byKey[keys[i]].value()
	}, hash, func(cell uint16, h uint64) bool {
		return uint64(cell>>4) == h>>57 && cell&15 != 0
	})
	if err != nil {
		return "", err
	}
	// Three bytes more, so that a cell at the end can be read as three bytes.
	packed := make([]byte, len(cells)*11/8+3)
	for i, c := range cells {
		bit := i * 11
		// Eleven bits and up to seven in front of them touch three bytes.
		v := uint32(c) << (bit % 8)
		packed[bit/8] |= byte(v)
		packed[bit/8+1] |= byte(v >> 8)
		packed[bit/8+2] |= byte(v >> 16)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "const (\n\tlevelSeed = %d\n\tlevelThird = %d // cells in each third\n)\n\n", seed, len(cells)/3)
	fmt.Fprintf(&b, "// levelCells has a fingerprint and a value for each of %d operations and actions, in cells of\n// 11 bits; see level.go.\nconst levelCells = \"\" +\n", len(keys))
	for chunk := range slices.Chunk(packed, 60) {
		b.WriteString("\t" + quote(chunk) + " +\n")
	}
	b.WriteString("\t\"\"\n")
	return b.String(), nil
}

// quote writes bytes as a Go string.
func quote(chunk []byte) string {
	var b strings.Builder
	for _, c := range chunk {
		fmt.Fprintf(&b, "\\x%02x", c)
	}
	return `"` + b.String() + `"`
}

// hash is the hash of package awsops: FNV-1a of the key in lower case, mixed.
func hash(key string, seed uint64) uint64 {
	h := uint64(14695981039346656037) ^ seed*0x9E3779B97F4A7C15
	// The factor is the prime of FNV for 64 bits.
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	// These are the last steps of MurmurHash3: each bit of the key then reaches each bit of the
	// hash.
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// takenActions returns, as "prefix:Name", the operations and the actions that some operation takes.
func takenActions(in *inputs) map[string]bool {
	taken := map[string]bool{
		"s3:BypassGovernanceRetention": true, // a header of other operations asks for it
	}
	add := func(prefix, name string) {
		// An action of another service has that service's prefix.
		if of, short, ok := strings.Cut(name, ":"); ok {
			prefix, name = of, short
		}
		taken[prefix+":"+name] = true
		if prefix == "s3" { // operations on a version of an object take actions of their own
			taken[prefix+":"+strings.Replace(name, "Object", "ObjectVersion", 1)] = true
		}
	}
	prefixes := map[string]string{}
	for _, s := range in.services {
		// Sections of resources.txt may be named by the id of a service.
		prefixes[normal(s.id)] = s.prefix
		for _, op := range s.operations {
			add(s.prefix, op.name)
			for _, action := range op.actions {
				add(s.prefix, strings.TrimPrefix(action, "="))
			}
		}
	}
	// Members of inputs may add actions that no operation has by itself.
	for _, line := range in.resources {
		// A section is named by a prefix, or by the id of a service.
		prefix := line[0]
		if of, ok := prefixes[normal(prefix)]; ok {
			prefix = of
		}
		for entry := range strings.FieldsSeq(line[1]) {
			if action := cutEntry(entry).action; action != "" {
				add(prefix, action)
			}
		}
	}
	return taken
}
