// Package statement reads bank statements (银行对账单) in Terrace's own CSV format or in camt.053 of ISO 20022. It rejects a
// statement whose totals do not add up.
package statement

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"terrace/domain/calendar"
	"terrace/domain/money"
)

const (
	// MaxBytes is the maximum size of a file, in bytes.
	MaxBytes = 16 << 20
	// MaxLines is the maximum number of lines in a statement.
	MaxLines = 100_000
	// MaxText is the maximum number of characters in a line's text.
	MaxText = 500
	// MaxFen is the maximum amount or balance: a trillion yuan.
	MaxFen = 1_000_000_000_000 * money.Yuan
)

// Statement is a bank's statement of one account for a period. The opening balance plus the lines equals the closing
// balance.
type Statement struct {
	Account          string
	From, To         calendar.Date // the first and last days of the period
	Opening, Closing money.Fen
	Lines            []Line
}

// Line is one movement on the account.
type Line struct {
	BookedOn     calendar.Date
	Reference    string    // the payer's own reference; empty if the bank does not give it
	Fen          money.Fen // positive for money in, negative for money out
	Number       string    // the bank's transaction number (流水号), unique within the statement
	Counterparty string    // the name on the other account; may be personal data
	Text         string    // the purpose (摘要); may be personal data
}

// The values of Error.Code.
const (
	TooLarge      = "too-large"      // the file exceeds MaxBytes or MaxLines, or a text exceeds MaxText
	BadEncoding   = "bad-encoding"   // the file is in neither UTF-8 nor GB18030
	UnknownFormat = "unknown-format" // the file is neither in Terrace's CSV format nor in camt.053
	BadSyntax     = "bad-syntax"     // the file is truncated or malformed
	BadHeader     = "bad-header"     // a field above the lines is missing or repeated
	BadAccount    = "bad-account"
	BadDate       = "bad-date"   // a date is invalid or outside the statement's period
	BadPeriod     = "bad-period" // the period has not ended, which only the caller can tell
	BadAmount     = "bad-amount"
	BadCurrency   = "bad-currency" // the currency is not CNY
	BadDirection  = "bad-direction"
	BadNumber     = "bad-number"    // the bank's transaction number is missing or too long
	BadReference  = "bad-reference" // the reference is longer than an order's may be
	Duplicate     = "duplicate"     // another line has the same number
	OutOfBalance  = "out-of-balance"
)

// Error describes why a file is not a valid statement. It never quotes the file, which may contain personal data.
type Error struct {
	Line int // line in the file, counted from 1; 0 if the error concerns the whole file
	Code string
	What string
	ZH   string // the same in Chinese; empty where the code says enough
}

// inChinese adds the Chinese text of an error.
func (e *Error) inChinese(what string, args ...any) *Error {
	e.ZH = fmt.Sprintf(what, args...)
	return e
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.What + " (" + e.Code + ")"
	}
	return "line " + strconv.Itoa(e.Line) + ": " + e.What + " (" + e.Code + ")"
}

func wrong(line int, code, what string, args ...any) *Error {
	return &Error{Line: line, Code: code, What: fmt.Sprintf(what, args...)}
}

// Parse reads a statement in either format. It returns an *Error if the content is invalid, and otherwise the reader's
// error.
func Parse(r io.Reader) (Statement, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return Statement{}, fmt.Errorf("read the statement: %w", err)
	}
	if len(data) > MaxBytes {
		return Statement{}, wrong(0, TooLarge, "the file exceeds the limit of %d MiB", MaxBytes>>20)
	}
	text, err := decode(data)
	if err != nil {
		return Statement{}, err
	}
	parse := parseCSV
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "<") {
		parse = parseCamt
	}
	s := &sheet{numbers: map[string]int{}}
	if err := parse(text, s); err != nil {
		return Statement{}, err
	}
	if err := s.check(); err != nil {
		return Statement{}, err
	}
	return s.Statement, nil
}

// decode converts a file to text. The file may be in UTF-8, with or without a byte order mark, or in GB18030, which
// includes GBK and GB2312.
func decode(data []byte) (string, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !utf8.Valid(data) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return "", wrong(0, BadEncoding, "the text is neither UTF-8 nor GB18030")
		}
		data = decoded
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return "", wrong(0, BadEncoding, "the text is neither UTF-8 nor GB18030")
	}
	return string(data), nil
}

// sheet is a statement being read.
type sheet struct {
	Statement
	numbers map[string]int // the line in the file of each transaction number
}

// add checks a line and adds it to the statement. at is its line number in the file.
func (s *sheet) add(at int, l Line) error {
	first, twice := s.numbers[l.Number]
	switch {
	case len(s.Lines) == MaxLines:
		return wrong(at, TooLarge, "the statement exceeds the limit of %d lines", MaxLines)
	case l.Fen == 0:
		return wrong(at, BadAmount, "the amount is zero")
	case l.BookedOn.Before(s.From) || l.BookedOn.After(s.To):
		return wrong(at, BadDate, "the booking date is not between %s and %s", s.From, s.To).inChinese("记账日期不在%s至%s之间", s.From, s.To)
	case l.Number == "" || len(l.Number) > 64:
		return wrong(at, BadNumber, "the bank's own number is missing, or longer than 64 characters")
	case twice:
		return wrong(at, Duplicate, "the bank's number already appears in line %d", first).inChinese("流水号与第%d行重复", first)
	case len(l.Reference) > 128:
		return wrong(at, BadReference, "the reference is longer than 128 characters")
	case utf8.RuneCountInString(l.Counterparty) > MaxText || utf8.RuneCountInString(l.Text) > MaxText:
		return wrong(at, TooLarge, "a name or text is longer than %d characters", MaxText)
	}
	s.numbers[l.Number] = at
	s.Lines = append(s.Lines, l)
	return nil
}

// begins checks the fields above the lines. at is the line number for its errors.
func (s *sheet) begins(at int) error {
	switch {
	case !isAccount(s.Account):
		return wrong(at, BadAccount, "the account number must be 4 to 34 digits, letters or hyphens; a spreadsheet may have changed it").inChinese("账号应为4至34位数字、字母或连字符，请检查账号是否被电子表格软件改动")
	case s.From.IsZero() || s.To.IsZero() || s.To.Before(s.From):
		return wrong(at, BadDate, "the statement's last day is before its first, or one of them is missing").inChinese("对账单的截止日早于起始日，或缺少其中一个日期")
	}
	return nil
}

// check checks that the statement's amounts add up. They cannot overflow, because amounts and the number of lines are
// limited.
func (s *sheet) check() error {
	sum := s.Opening
	for _, l := range s.Lines {
		next, ok := money.Sum(sum, l.Fen)
		if !ok {
			return wrong(0, BadAmount, "the amounts are too large to add up")
		}
		sum = next
	}
	if sum != s.Closing {
		return wrong(0, OutOfBalance, "the opening balance of %s yuan and all lines add up to %s yuan, but the closing balance is %s yuan", s.Opening, sum, s.Closing).inChinese("期初余额%s元，加各行金额后为%s元，与期末余额（%s元）不符", s.Opening, sum, s.Closing)
	}
	return nil
}

func isAccount(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' {
			return false
		}
	}
	return len(s) >= 4 && len(s) <= 34
}

// parseFen parses an amount in yuan, written as 1234.5 or 1234.50 without a sign or separators. Decimals after the
// second must be zeros, because a fen is indivisible.
func parseFen(s string) (money.Fen, bool) {
	whole, part, dotted := strings.Cut(s, ".")
	part = strings.TrimRight(part, "0")
	if whole == "" || len(s) > 32 || len(part) > 2 || dotted && strings.HasSuffix(s, ".") || !digits(whole) || !digits(part) {
		return 0, false
	}
	yuan, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || money.Fen(yuan) > MaxFen/money.Yuan {
		return 0, false
	}
	fen, _ := strconv.ParseInt((part + "00")[:2], 10, 64)
	total := money.Fen(yuan)*money.Yuan + money.Fen(fen)
	return total, total <= MaxFen
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
