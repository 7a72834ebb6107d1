package reading

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// record describes the record to be loaded: a number of counties, each with its pilots.
type record struct {
	counties int
	moulds   []*mould // by call, oldest first; the pilots of the last remain on public notice
	first    []int64  // the transaction of each copy's first event
	accounts []int64  // the number of each copy's first account
	heads    [][]byte // hashes of each copy's aggregates, in table order
	funds    []fund
}

// fund is one account of a programme.
type fund struct {
	programme, name string
	floor, fen      int64
}

// size returns the number of copies: first those with projects, oldest first, then those on notice.
func (r *record) size() int { return r.rolledOut() + r.rolledOut()/onNotice }

func (r *record) rolledOut() int { return r.counties * perCounty }

// copyOf is one copy of a model, which becomes the pilot with number ordinal in a county.
type copyOf struct {
	*mould
	n, ordinal int
	county     county
	names      [][]byte
	delay      time.Duration
}

func (r *record) copy(n int) copyOf {
	c := copyOf{n: n}
	if n < r.rolledOut() {
		c.ordinal, c.county = n/r.counties, county(n%r.counties)
		c.mould = r.moulds[c.ordinal*(len(r.moulds)-1)/perCounty]
	} else {
		c.ordinal, c.county = perCounty, county((n-r.rolledOut())*r.counties/max(1, r.rolledOut()/onNotice))
		c.mould = r.moulds[len(r.moulds)-1]
	}
	c.delay = time.Duration(mix(uint64(n))%uint64(90*time.Minute/time.Microsecond)) * time.Microsecond
	return c
}

// named sets a copy's names, in the order of model.names.
func (c *copyOf) named() {
	k := c.county
	add := func(format string, args ...any) { c.names = append(c.names, fmt.Appendf(nil, format, args...)) }
	add("%s", c.id())
	add("%s", k.code())
	add("%s县%d年%s试点", k.zh(), c.year, draw(topics, uint64(c.n), 41))
	add("Pilot %d of county %s, %d", c.ordinal+1, k.code(), c.year)
	add("%s", k.evaluator())
	add("%s市公益评估中心", name(uint64(k)-uint64(k)%countiesACity, 5))
	add("Evaluation centre of %s", k.city())
	for i := range proposals {
		village, topic := (c.ordinal*proposals+i)%villages, int(mix(uint64(c.n*proposals+i))%uint64(len(topics)))
		own := 60 + i
		if c.ordinal < perCounty {
			own = (c.ordinal%pilotsAYear*proposals + i + 7*(c.ordinal/pilotsAYear)) % 60
		}
		add("P-%d-%d-%d", c.year, c.n, i+1)
		add("%s", k.organization(own))
		add("%s", k.village(village))
		add("%s%s项目", k.villageZH(village), topics[topic])
		add("%s in village %s", topicsEN[topic], k.village(village)[6:])
		add("%s", k.organizationZH(own))
		add("Association %d of %s", own+1, k.code())
		add("%s", k.villageZH(village))
		add("Village %d", village+1)
	}
}

// id returns the copy's own UUID, version 7, for the instant of its creation.
func (c *copyOf) id() string {
	return uuidAt(c.created.Add(c.delay), mix(uint64(c.n)), mix(uint64(c.n)+1<<40))
}

func uuidAt(at time.Time, a, b uint64) string {
	var u [16]byte
	binary.BigEndian.PutUint64(u[:8], uint64(at.UnixMilli())<<16|0x7000|a&0x0fff)
	binary.BigEndian.PutUint64(u[8:], b&0x3fffffffffffffff|0x8000000000000000)
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// mix is splitmix64: it yields pseudo-random numbers, the same in every run.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// number assigns transaction and account numbers to the copies, and computes the balances of the funds.
func (r *record) number() {
	transaction, account := int64(1000), int64(1)
	at := map[string]int{}
	for _, m := range r.moulds {
		for _, f := range m.funds {
			if key := m.programme() + "/" + f.name; at[key] == 0 {
				r.funds = append(r.funds, fund{m.programme(), f.name, f.floor, 0})
				at[key] = len(r.funds)
			}
		}
	}
	account += int64(len(r.funds))
	for n := range r.size() {
		c := r.copy(n)
		r.first, r.accounts = append(r.first, transaction), append(r.accounts, account)
		transaction, account = transaction+int64(c.events), account+int64(c.accounts)
		for _, f := range c.funds {
			r.funds[at[c.programme()+"/"+f.name]-1].fen += f.fen
		}
	}
	r.heads = make([][]byte, r.size())
}

// write appends a copy's rows of a table in COPY format.
func (r *record) write(out []byte, t int, c *copyOf) []byte {
	var scratch []byte
	chains := map[string][]byte{}
	for i, row := range c.rows[t] {
		for col, cell := range row {
			if col > 0 {
				out = append(out, '\t')
			}
			switch cell.sort {
			case instant:
				out = cell.at.Add(c.delay).AppendFormat(out, "2006-01-02 15:04:05.999999+00")
			case position:
				out = strconv.AppendInt(out, r.first[c.n]*1000+cell.number, 10)
			case account:
				out = strconv.AppendInt(out, r.accountOf(c, cell.number), 10)
			case chained:
				scratch = sealing(scratch[:0], chains, row, c)
				sum := sha256.Sum256(scratch)
				key := string(fill(nil, row[1].pieces, c.names)) + "/" + string(fill(nil, row[2].pieces, c.names))
				chains[key] = sum[:]
				out = appendHex(out, sum[:])
			case head:
				out = appendHex(out, r.heads[c.n][32*i:32*i+32])
			case asked:
				scratch = fill(fill(fill(scratch[:0], cell.sent.before, c.names), cell.sent.id, c.names), cell.sent.canonical, c.names)
				sum := sha256.Sum256(scratch)
				out = appendHex(out, sum[:])
			case ordered:
				out = inOrder(out, fill(scratch[:0], cell.pieces, c.names))
			default:
				if cell.fresh {
					out = append(out, uuidAt(c.created.Add(c.delay), mix(uint64(c.n)<<20|uint64(i)), mix(uint64(c.n)<<20|uint64(i)|1<<60))...)
					continue
				}
				out = fill(out, cell.pieces, c.names)
			}
		}
		out = append(out, '\n')
	}
	if t == 0 {
		r.keepHeads(c, chains)
	}
	return out
}

// inOrder appends an array with its elements sorted, because a copy's names sort differently from its model's.
func inOrder(out, array []byte) []byte {
	if !bytes.HasPrefix(array, []byte{'{'}) { // null
		return append(out, array...)
	}
	elements := bytes.Split(bytes.Trim(array, "{}"), []byte{','})
	slices.SortFunc(elements, bytes.Compare)
	return append(append(append(out, '{'), bytes.Join(elements, []byte{','})...), '}')
}

func (r *record) accountOf(c *copyOf, number int64) int64 {
	if number >= 0 {
		return r.accounts[c.n] + number
	}
	name := c.funds[-1-number].name
	for i, f := range r.funds {
		if f.programme == c.programme() && f.name == name {
			return int64(i + 1)
		}
	}
	return 0
}

// keepHeads stores the last hash of each chain, in the order of the aggregate table.
func (r *record) keepHeads(c *copyOf, chains map[string][]byte) {
	for _, row := range c.rows[1] {
		key := string(fill(nil, row[0].pieces, c.names)) + "/" + string(fill(nil, row[1].pieces, c.names))
		r.heads[c.n] = append(r.heads[c.n], chains[key]...)
	}
}

// sealing appends the input of a journal row's hash: the previous hash, then each field as stored, prefixed with its
// length (see postgres/journal.go; “terrace verify” checks these chains with the product's own code).
func sealing(out []byte, chains map[string][]byte, row []cell, c *copyOf) []byte {
	var field []byte
	add := func() {
		out = append(strconv.AppendInt(out, int64(len(field)), 10), ':')
		out = append(out, field...)
	}
	kind, id := fill(nil, row[1].pieces, c.names), fill(nil, row[2].pieces, c.names)
	field = chains[string(kind)+"/"+string(id)]
	add()
	field = kind
	add()
	field = id
	add()
	for _, col := range []int{3, 4, 5} { // seq, name, version
		field = fill(nil, row[col].pieces, c.names)
		add()
	}
	field = row[6].at.Add(c.delay).AppendFormat(nil, time.RFC3339Nano)
	add()
	field = fill(nil, row[8].pieces, c.names) // actor
	add()
	field = fill(nil, row[7].pieces, c.names) // day
	add()
	field = []byte("false") // late
	if string(row[9].pieces[0].fixed) == "true" {
		field = []byte("true")
	}
	add()
	field = fill(nil, row[10].pieces, c.names) // data
	add()
	return out
}

func appendHex(out, sum []byte) []byte {
	return hex.AppendEncode(append(out, `\\x`...), sum)
}
