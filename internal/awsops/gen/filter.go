package main

import (
	"fmt"
	"math/bits"
	"slices"
)

// A static function maps each of a set of keys to a value of a few bits, and recognizes most other
// keys by a fingerprint. Every key has a cell in each third of an array. The xor of the three cells
// is its fingerprint and value. It takes 1.23 cells for each key, whatever the keys are. (Botelho,
// Pagh, Ziviani 2007; as a filter: Graf, Lemire 2020.)

// build fills the cells for the first seed by which every key has cells and no stranger passes for
// a key. The reader must have the same hash and passes.
func build(
	keys, strangers []string,
	cellOf func(i int, h uint64) uint16,
	hash func(key string, seed uint64) uint64,
	passes func(cell uint16, h uint64) bool,
) (cells []uint16, seed uint64, err error) {
	// 1.23 cells for each key: with fewer, nearly no seed works.
	third := (len(keys)*123/100+32)/3 + 1
	// passing reports whether the table takes a key for one that it has.
	passing := func(key string) bool {
		h := hash(key, seed)
		at := places(h, third)
		return passes(cells[at[0]]^cells[at[1]]^cells[at[2]], h)
	}
	for seed = 1; seed < 1000; seed++ {
		hashes := make([]uint64, len(keys))
		for i, k := range keys {
			hashes[i] = hash(k, seed)
		}
		if order, at := peel(hashes, third); order != nil {
			cells = make([]uint16, 3*third)
			// Backwards, each key still has a cell of its own, which makes the xor come out right.
			for n := len(order) - 1; n >= 0; n-- {
				i := order[n]
				c := cellOf(i, hashes[i])
				for _, p := range places(hashes[i], third) {
					if p != at[n] {
						c ^= cells[p]
					}
				}
				cells[at[n]] = c
			}
			if !slices.ContainsFunc(strangers, passing) {
				return cells, seed, nil
			}
		}
	}
	return nil, 0, fmt.Errorf("no seed gives every key a cell")
}

// peel orders the keys so that, from the last one backwards, each can be given a cell, at, that no
// key before it in that direction has. It returns nil if there is no such order.
func peel(hashes []uint64, third int) (order, at []int) {
	// The xor of indexes is the index itself once a single key is left, so that no lists are
	// needed.
	type cell struct{ count, keys int } // keys is the xor of the keys that share the cell
	cells := make([]cell, 3*third)
	for i, h := range hashes {
		for _, p := range places(h, third) {
			cells[p].count++
			cells[p].keys ^= i
		}
	}
	// A cell with one key belongs to that key.
	var queue []int
	for p := range cells {
		if cells[p].count == 1 {
			queue = append(queue, p)
		}
	}
	for len(queue) > 0 {
		p := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		// Its key may have been taken by another of its cells.
		if cells[p].count != 1 {
			continue
		}
		i := cells[p].keys
		order, at = append(order, i), append(at, p)
		// Without the key, its other cells may be left with one key each.
		for _, q := range places(hashes[i], third) {
			cells[q].count--
			cells[q].keys ^= i
			if cells[q].count == 1 {
				queue = append(queue, q)
			}
		}
	}
	// The keys that are left form a cycle, and the seed is of no use.
	if len(order) < len(hashes) {
		return nil, nil
	}
	return order, at
}

// places returns the three cells of a key, one in each third. Package awsops has the same function.
func places(h uint64, third int) [3]int {
	place := func(h uint64) int { return int(uint64(uint32(h)) * uint64(third) >> 32) }
	return [3]int{place(h), third + place(bits.RotateLeft64(h, 21)), 2*third + place(bits.RotateLeft64(h, 42))}
}
