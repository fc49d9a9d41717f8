package mask

// followers has, for each letter, those that follow it in words. The 289 pairs make up 95 % of the
// pairs in the words of the documentation of Go modules and in the names of AWS's operations; of
// random letters they make up 43 %.
var followers = [26]string{
	"abcdefgiklmnprstuvxy", "abcdefilorsu", "abcdefghiklorstu", "abcdefilorsu", "abcdefgilmnopqrstuvwx", "abcdefiloru", "aceghilnorstu",
	"aeiortu", "abcdefglmnopqrstvxz", "aeou", "aegis", "adeilopstuy", "abeimopstu", "acdefgiklnostuv", "abcdfgiklmnoprstuvw",
	"aehikloprstu", "u", "acdefgiklmnoprstuvy", "acehilmopstuy", "acdeghilmoprstuy", "abcdefgilmnprstv", "aeio", "aehinor", "eipt",
	"anps", "ez",
}

// usual has a bit for each follower.
var usual = func() (table [26]uint32) {
	for i, letters := range followers {
		for j := range len(letters) {
			table[i] |= 1 << (letters[j] - 'a')
		}
	}
	return table
}()

// speakable reports whether the letters of s follow one another as those of words do. Where a
// capital follows a small letter, another word begins.
func speakable(s string) bool {
	pairs, known := 0, 0
	// a and b are lower case, because 0x20 is the bit between the cases.
	for i := 1; i < len(s); i++ {
		a, b := s[i-1]|0x20, s[i]|0x20
		ca, cb := class(s[i-1]), class(s[i])
		// Pairs with other characters, and those between the words of CamelCase, say nothing.
		if ca > upper || cb > upper || ca == lower && cb == upper {
			continue
		}
		pairs++
		if usual[a-'a']&(1<<(b-'a')) != 0 {
			known++
		}
	}
	// 72 % lies between the 95 % of words and the 43 % of random letters. No pairs count as words.
	return known*100 >= pairs*72
}
