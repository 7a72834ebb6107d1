package postgres

import (
	"context"
	"fmt"
	"slices"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/postgres/db"
)

// without returns the elements of a that are not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(key string) bool { return slices.Contains(b, key) })
}

// refuseTaken returns the error that names a key already claimed by another aggregate. It returns nil if the command
// must be judged again: either no other aggregate claims any of the keys now, or only keys in judgedWith are claimed,
// and the judgement takes their holders into account.
//
// Errors: double-application, duplicate-number, payment-exists, duplicate-voucher.
func (s *Store) refuseTaken(ctx context.Context, q *db.Queries, ref flow.Ref, claimed, judgedWith []string) error {
	held, err := q.ListClaimsOfOthers(ctx, db.ListClaimsOfOthersParams{Keys: without(claimed, judgedWith), Kind: string(ref.Kind), ID: ref.ID})
	if err != nil || len(held) == 0 {
		return err
	}
	claim, entered, _ := s.catalogue.ClaimOf(held[0].Key)
	if claim.Refusal == "" {
		return fmt.Errorf("claim %q is held by another aggregate, and no refusal is known for it", held[0].Key)
	}
	return domain.Refuse(claim.Refusal, claim.Field, "key", entered)
}
