package postgres

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
	"terrace/domain/pilot"
)

// meanwhile is the maximum number of events that can be recorded between hashing a dossier and storing the hash in the
// seal. For example, a debt may be repaid while its pilot is being archived.
const meanwhile = 20

// verifyDossiers recomputes the hash of each archived pilot from its hash chains as they were when it was sealed.
func verifyDossiers(ctx context.Context, tx pgx.Tx) (found []Difference, err error) {
	rows, err := tx.Query(ctx, "select id, position, data::text from journal where kind = 'pilot' and name = $1 order by id", archived)
	if err != nil {
		return nil, err
	}
	type sealed struct {
		ID       string
		Position int64
		Data     string
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sealed])
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		seal := pilot.PilotArchived{}
		if err := json.Unmarshal([]byte(s.Data), &seal); err != nil {
			continue // an error in the journal, which is reported under the journal
		}
		links, err := linksBefore(ctx, tx, s.ID, s.Position)
		if err != nil {
			return nil, err
		}
		if !fits(seal.Dossier, links) {
			found = append(found, Difference{DossierPart, flow.Ref{Kind: pilot.Kind, ID: s.ID}, "the chains are not those that were sealed"})
		}
	}
	return found, nil
}

// link is the hash of one event in one of a pilot's hash chains.
type link struct {
	Kind flow.Kind
	ID   string
	Hash []byte
}

// linksBefore returns all links of a pilot's hash chains before a journal position, in journal order.
func linksBefore(ctx context.Context, tx pgx.Tx, pilotID string, position int64) ([]link, error) {
	rows, err := tx.Query(ctx, "select kind, id, hash from journal where pilot = $1 and position < $2 order by position", pilotID, position)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[link])
}

// fits reports whether dossier, the hash in an archived pilot's seal, follows from the links of the pilot's hash chains
// before the seal. The last few links may have been recorded after the dossier was hashed (see meanwhile), so fits also
// tries without them.
func fits(dossier string, links []link) bool {
	for n := 0; n <= meanwhile && n < len(links); n++ {
		if dossierOf(links[:len(links)-n]) == dossier {
			return true
		}
	}
	return false
}

// dossierOf computes, from the given links, the hash that Store.Dossier returns.
func dossierOf(links []link) string {
	heads := map[flow.Ref][]byte{}
	refs := []flow.Ref{}
	for _, l := range links {
		ref := flow.Ref{Kind: l.Kind, ID: l.ID}
		if heads[ref] == nil {
			refs = append(refs, ref)
		}
		heads[ref] = l.Hash
	}
	slices.SortFunc(refs, func(a, b flow.Ref) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	h := sha256.New()
	for _, ref := range refs {
		h.Write(fmt.Appendf(nil, "%s %x\n", ref, heads[ref]))
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
