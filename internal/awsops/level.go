package awsops

import "math/bits"

// A Level is an access level of IAM. Every action has exactly one. The zero Level is None.
type Level uint8

// The tables hold these numbers, so that their order is fixed.
const (
	None Level = iota
	List
	Read
	Write
	Tagging
	Permissions
)

// The words are those of access: in rules, and of messages.
var levelNames = [...]string{"", "list", "read", "write", "tagging", "permissions"}

func (l Level) String() string { return levelNames[l] }

// An Entry is what the tables have for an operation or an action. The zero Entry stands for one
// that they do not have.
type Entry struct {
	Level Level
	Takes bool // IAM knows resources for it
	Never bool // but its input does not show which one
}

// Find looks up an operation, or an IAM action, by the IAM prefix of its service. Case does not
// matter.
//
// The table keeps seven bits of each name's hash. One in 130 of the names that it does not have is
// therefore taken for one that it has. None of the SDK's present operations is.
// See decision 6.
func Find(prefix, operation string) (e Entry, ok bool) {
	// The three cells of a name together hold its value, as in an xor filter: one look-up, no
	// search.
	h := hash(prefix, operation)
	cell := cellAt(place(h)) ^ cellAt(levelThird+place(bits.RotateLeft64(h, 21))) ^ cellAt(2*levelThird+place(bits.RotateLeft64(h, 42)))
	value := cell & 15 // the level, and 5 more for each of the two
	// The upper bits are the check, and 0 stands for a name without an entry.
	if cell>>4 != uint(h>>57) || value == 0 {
		return Entry{}, false
	}
	value--
	// 0 to 4 take no resource, 5 to 9 take one, 10 to 14 take one that the input does not show.
	return Entry{Level: Level(value%5 + 1), Takes: value >= 5, Never: value >= 10}, true
}

// LevelOf returns the access level of an operation or an action. It guesses the level of a name
// that the tables do not have from its verb, and reports so.
func LevelOf(prefix, operation string) (l Level, guessed bool) {
	if e, ok := Find(prefix, operation); ok {
		return e.Level, false
	}
	return Guess(operation), true
}

// place returns the cell of a hash in a third of the table.
// Multiplying and shifting spreads the hash over the third without a division.
func place(h uint64) int { return int(uint64(uint32(h)) * levelThird >> 32) }

// cellAt returns the i-th cell of eleven bits.
func cellAt(i int) uint {
	// Eleven bits are spread over at most three bytes.
	bit := i * 11
	b := levelCells[bit/8 : bit/8+3]
	return (uint(b[0]) | uint(b[1])<<8 | uint(b[2])<<16) >> (bit % 8) & 0x7FF
}

// hash is the generator's hash: FNV-1a of "prefix:operation" in lower case, mixed.
func hash(prefix, operation string) uint64 {
	seed := uint64(levelSeed)
	h := 14695981039346656037 ^ seed*0x9E3779B97F4A7C15
	for i := range len(prefix) {
		h = (h ^ uint64(prefix[i])) * 1099511628211
	}
	h = (h ^ ':') * 1099511628211
	for i := range len(operation) {
		c := operation[i]
		if isUpper(c) {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * 1099511628211
	}
	// The last mixing spreads each bit over all others: the check and the places need different
	// ones.
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
