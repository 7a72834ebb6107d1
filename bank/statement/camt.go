package statement

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/money"
)

// The parts of a camt.053 file (BankToCustomerStatement) that Terrace reads, for all versions of camt.053.001. Where
// versions differ, Terrace reads either form.
type (
	camtStatement struct {
		From     string        `xml:"FrToDt>FrDtTm"`
		To       string        `xml:"FrToDt>ToDtTm"`
		IBAN     string        `xml:"Acct>Id>IBAN"`
		Account  string        `xml:"Acct>Id>Othr>Id"`
		Balances []camtBalance `xml:"Bal"`
	}
	camtBalance struct {
		Code      string     `xml:"Tp>CdOrPrtry>Cd"`
		Amount    camtAmount `xml:"Amt"`
		Direction string     `xml:"CdtDbtInd"`
		Date      camtDate   `xml:"Dt"`
	}
	camtEntry struct {
		Reference string       `xml:"NtryRef"`
		Amount    camtAmount   `xml:"Amt"`
		Direction string       `xml:"CdtDbtInd"`
		Status    camtStatus   `xml:"Sts"`
		Booked    camtDate     `xml:"BookgDt"`
		Number    string       `xml:"AcctSvcrRef"`
		Details   []camtDetail `xml:"NtryDtls>TxDtls"`
		Text      string       `xml:"AddtlNtryInf"`
	}
	camtDetail struct {
		Number    string     `xml:"Refs>AcctSvcrRef"`
		EndToEnd  string     `xml:"Refs>EndToEndId"`
		Amount    camtAmount `xml:"Amt"`
		Older     camtAmount `xml:"AmtDtls>TxAmt>Amt"` // the amount in versions before 3
		Direction string     `xml:"CdtDbtInd"`
		Debtor    camtParty  `xml:"RltdPties>Dbtr"`
		Creditor  camtParty  `xml:"RltdPties>Cdtr"`
		Text      []string   `xml:"RmtInf>Ustrd"`
	}
	camtAmount struct {
		Currency string `xml:"Ccy,attr"`
		Yuan     string `xml:",chardata"`
	}
	camtDate struct {
		Date string `xml:"Dt"`
		Time string `xml:"DtTm"`
	}
	camtStatus struct {
		Older string `xml:",chardata"` // the status in versions before 7
		Code  string `xml:"Cd"`
	}
	camtParty struct {
		Older string `xml:"Nm"` // the name in versions before 7
		Name  string `xml:"Pty>Nm"`
	}
)

const camtNamespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."

// parseCamt reads a camt.053 file with one statement, one entry at a time.
func parseCamt(text string, s *sheet) error {
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		if slices.Contains([]string{"utf-8", "gb18030", "gbk", "gb2312"}, strings.ToLower(label)) {
			return input, nil // decode has already converted the text
		}
		return nil, wrong(0, BadEncoding, "the text is neither UTF-8 nor GB18030")
	}
	file := struct {
		XMLName    xml.Name
		Statements []camtFile `xml:"BkToCstmrStmt>Stmt"`
	}{}
	if err := d.Decode(&file); err != nil {
		return camtError(d, err)
	}
	if file.XMLName.Local != "Document" || !strings.HasPrefix(file.XMLName.Space, camtNamespace) {
		return wrong(0, UnknownFormat, "the XML is not a camt.053")
	}
	if err := ends(d); err != nil {
		return camtError(d, err)
	}
	if len(file.Statements) != 1 {
		return wrong(0, UnknownFormat, "the file contains %d statements; upload one at a time", len(file.Statements)).inChinese("文件中有%d份对账单，请逐份上传", len(file.Statements))
	}
	stmt := file.Statements[0]
	if err := s.camtAbove(stmt.camtStatement); err != nil {
		return err
	}
	for _, e := range stmt.Entries {
		if err := s.camtEntry(e); err != nil {
			return err
		}
	}
	return nil
}

// ends returns an error if anything follows in the file.
func ends(d *xml.Decoder) error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if _, more := token.(xml.StartElement); err != nil || more {
			return errors.Join(err, errors.New("there is extra content after the end of the XML"))
		}
	}
}

// camtFile is a statement and its entries.
type camtFile struct {
	camtStatement
	Entries []placed `xml:"Ntry"`
}

// placed is an entry and its line in the file.
type placed struct {
	camtEntry
	at int
}

// UnmarshalXML reads an entry and records the line at which it begins.
func (p *placed) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	p.at, _ = d.InputPos()
	return d.DecodeElement(&p.camtEntry, &start)
}

func camtError(d *xml.Decoder, err error) error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	line, _ := d.InputPos()
	return wrong(line, BadSyntax, "the XML is cut off or not well-formed")
}

func (s *sheet) camtAbove(c camtStatement) error {
	s.Account = strings.TrimSpace(c.IBAN + c.Account)
	opening, ok := c.balance("OPBD", "PRCD")
	if !ok {
		return wrong(0, BadHeader, "the opening balance (OPBD or PRCD) is missing or repeated").inChinese("期初余额（OPBD 或 PRCD）缺失或重复")
	}
	closing, ok := c.balance("CLBD")
	if !ok {
		return wrong(0, BadHeader, "the closing balance (CLBD) is missing or repeated").inChinese("期末余额（CLBD）缺失或重复")
	}
	var err error
	if s.Opening, err = opening.Amount.fen(0, opening.Direction); err != nil {
		return err
	}
	if s.Closing, err = closing.Amount.fen(0, closing.Direction); err != nil {
		return err
	}
	from, to := opening.Date, closing.Date
	if c.From != "" && c.To != "" {
		from, to = camtDate{Time: c.From}, camtDate{Time: c.To}
	}
	first, one := from.day()
	last, two := to.day()
	if !one || !two {
		return wrong(0, BadDate, "the statement's period is not given as dates")
	}
	s.From, s.To = first, last
	return s.begins(0)
}

// balance returns the first balance with one of the codes, trying the codes in order.
func (c camtStatement) balance(codes ...string) (found camtBalance, ok bool) {
	for _, code := range codes {
		count := 0
		for _, b := range c.Balances {
			if strings.TrimSpace(b.Code) == code {
				found, count = b, count+1
			}
		}
		if count > 0 {
			return found, count == 1
		}
	}
	return found, false
}

// camtEntry adds an entry as one line. If the bank booked a batch as one amount but lists the individual amounts,
// camtEntry adds a line for each of those.
func (s *sheet) camtEntry(e placed) error {
	if status := strings.TrimSpace(e.Status.Older + e.Status.Code); status != "BOOK" {
		if status == "PDNG" || status == "INFO" || status == "FUTR" {
			return nil // not booked, and not part of the balances
		}
		return wrong(e.at, BadSyntax, "the entry is neither booked nor pending")
	}
	on, ok := e.Booked.day()
	if !ok {
		return wrong(e.at, BadDate, "the entry's booking date is missing or invalid")
	}
	total, err := e.Amount.fen(e.at, e.Direction)
	if err != nil {
		return err
	}
	line := Line{BookedOn: on, Fen: total, Number: firstOf(e.Number, e.Reference), Text: strings.TrimSpace(e.Text)}
	if len(e.Details) == 1 {
		line = e.Details[0].fill(line)
	}
	if len(e.Details) < 2 {
		return s.add(e.at, line)
	}
	return s.camtBatch(e, line)
}

func (s *sheet) camtBatch(e placed, whole Line) error {
	var sum money.Fen
	lines := make([]Line, len(e.Details))
	for i, d := range e.Details {
		amount := d.Amount
		if strings.TrimSpace(amount.Yuan) == "" {
			amount = d.Older
		}
		if strings.TrimSpace(amount.Yuan) == "" {
			return s.add(e.at, whole) // the bank does not itemize it
		}
		fen, err := amount.fen(e.at, firstOf(d.Direction, e.Direction))
		if err != nil {
			return err
		}
		part := whole
		part.Fen, part.Number = fen, ""
		if part = d.fill(part); part.Number == "" && whole.Number != "" {
			part.Number = whole.Number + "/" + strconv.Itoa(i+1)
		}
		lines[i] = part
		if sum, _ = money.Sum(sum, fen); sum > MaxFen || sum < -MaxFen {
			return wrong(e.at, BadAmount, "the amounts of the entry's parts are too large to add up")
		}
	}
	if sum != whole.Fen {
		return wrong(e.at, OutOfBalance, "the entry is %s yuan, but its parts add up to %s yuan", whole.Fen, sum).inChinese("该笔交易金额为%s元，与各明细金额之和（%s元）不符", whole.Fen, sum)
	}
	for _, l := range lines {
		if err := s.add(e.at, l); err != nil {
			return err
		}
	}
	return nil
}

// fill adds the details of a transaction to a line.
func (d camtDetail) fill(l Line) Line {
	if reference := strings.TrimSpace(d.EndToEnd); reference != "NOTPROVIDED" {
		l.Reference = reference
	}
	l.Number = firstOf(d.Number, l.Number)
	other := d.Creditor
	if l.Fen > 0 {
		other = d.Debtor
	}
	l.Counterparty = firstOf(other.Name, other.Older)
	l.Text = firstOf(strings.Join(d.Text, " "), l.Text)
	return l
}

// fen returns the amount in fen, negative for a debit.
func (a camtAmount) fen(at int, direction string) (money.Fen, error) {
	if a.Currency != "CNY" {
		return 0, wrong(at, BadCurrency, "the amount is not in CNY")
	}
	fen, ok := parseFen(strings.TrimSpace(a.Yuan))
	if !ok {
		return 0, wrong(at, BadAmount, "the amount is not in yuan with at most two decimal places")
	}
	switch strings.TrimSpace(direction) {
	case "CRDT":
		return fen, nil
	case "DBIT":
		return -fen, nil
	}
	return 0, wrong(at, BadDirection, "the direction is neither DBIT nor CRDT")
}

// day returns the calendar date. An instant with a time zone is converted to the date in Shanghai.
func (d camtDate) day() (calendar.Date, bool) {
	text := strings.TrimSpace(firstOf(d.Date, d.Time))
	if instant, err := time.Parse(time.RFC3339, text); err == nil {
		return calendar.Of(instant), true
	}
	text, _, _ = strings.Cut(text, "T")
	date, err := calendar.Parse(text)
	return date, err == nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}
