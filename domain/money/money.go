// Package money represents amounts of Chinese yuan (人民币) in whole fen, never in floating point.
package money

import "strconv"

// Fen is an amount in fen (分), a hundredth of a yuan. In JSON it is an integer; fractions, exponents, strings and values that
// overflow are rejected.
type Fen int64

// Yuan is one yuan (元) in fen. For example, 50,000 yuan is written 50_000 * Yuan.
const Yuan Fen = 100

// String formats the amount in yuan with two decimal places and thousands separators: "1,200,000.00".
func (f Fen) String() string {
	sign, abs := "", uint64(f)
	if f < 0 {
		sign, abs = "-", -abs
	}
	digits := strconv.FormatUint(abs/100, 10)
	grouped := make([]byte, 0, 32)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			grouped = append(grouped, ',')
		}
		grouped = append(grouped, digits[i])
	}
	cents := abs % 100
	return sign + string(grouped) + "." + string([]byte{'0' + byte(cents/10), '0' + byte(cents%10)})
}

// Sum adds up the amounts. It returns false if an intermediate result overflows.
func Sum(amounts ...Fen) (Fen, bool) {
	var total Fen
	for _, a := range amounts {
		next := total + a
		if (a > 0 && next < total) || (a < 0 && next > total) {
			return 0, false
		}
		total = next
	}
	return total, true
}

// Share returns the given number of thousandths (0 to 1000) of the total, rounded down to the fen. To check a limit, compare an
// amount with a share rather than with a rounded percentage.
func Share(total Fen, permille int) Fen {
	whole, rest := total/1000, total%1000
	if rest < 0 {
		whole, rest = whole-1, rest+1000
	}
	return whole*Fen(permille) + rest*Fen(permille)/1000
}

// Percent returns part as a percentage of whole for display, rounded down, or 0 if whole is not positive. It is exact for wholes
// below 900 trillion yuan.
func Percent(part, whole Fen) int {
	if whole <= 0 {
		return 0
	}
	return int(part/whole*100 + part%whole*100/whole)
}
