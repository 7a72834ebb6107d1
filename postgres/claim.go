package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"terrace/domain"
	"terrace/domain/pilot"
	"terrace/postgres/db"
)

// taken is the refusal of a key that another aggregate holds, by the key's prefix.
var taken = map[string]domain.Code{
	"application":     "double-application",
	"approval-number": "duplicate-number",
	"payment":         "payment-exists",
	"voucher":         "duplicate-voucher",
}

// claimsOf are the keys an aggregate holds, in the order in which they are locked.
func claimsOf(s pilot.State) []string {
	keys := slices.Clone(pilot.Claims(s))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// without is what a holds and b does not.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(key string) bool { return slices.Contains(b, key) })
}

// refuseTaken names the key that stood in the way, or nil when the command is to be judged anew: the key is free again, or it is of
// the keys whose holders a command is judged with, and now there is one.
//
// Errors: double-application, duplicate-number, payment-exists, duplicate-voucher.
func refuseTaken(ctx context.Context, q *db.Queries, ref pilot.Ref, claimed, judgedWith []string) error {
	held, err := q.ListClaimsOfOthers(ctx, db.ListClaimsOfOthersParams{Keys: without(claimed, judgedWith), Kind: string(ref.Kind), ID: ref.ID})
	if err != nil || len(held) == 0 {
		return err
	}
	prefix, key, _ := strings.Cut(held[0].Key, ":")
	code, known := taken[prefix]
	if !known {
		return fmt.Errorf("claim %q is held by another aggregate, and no refusal is known for it", held[0].Key)
	}
	return domain.Refuse(code, "", "key", key)
}
