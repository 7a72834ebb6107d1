package api

import (
	"github.com/danielgtaylor/huma/v2"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
)

// samples holds example values for fields whose schema does not show what a typical value looks like. The key is
// “parent.field” where the value depends on the command or field that contains the field, and otherwise “field”.
var samples = map[string]any{ // #nosec G101 -- these are examples, not credentials
	"credit_code": "51620825MJDEM0030N", "zh": "示例", "en": "example", "programme": "zhuanglang-2017", "purposes": []any{"elderly"}, "purpose": "elderly",
	"key": "M1", "milestone": "M1", "milestones": "M1", "proposal": "ZL-2017-01", "kind": "training", "proposals.kind": "B", "put-proposal.kind": "B", "unit": "人",
	"evidence.kind": "photos", "milestones.evidence": []any{"photos"}, "code_vintage": 2023,
	"account_name": "庄浪县示例苹果产业协会", "account_number": "6222000000000000", "number": "甘民发〔2017〕120号", "voucher": "2018-0001", "invoice": "044001700111-12345678",
	"experts": []any{"expert-1", "expert-2", "expert-3", "expert-4", "expert-5"},
	"reason":  "材料不齐。Documents are missing.", "url": "https://example.org/notices/2019",
	"scores": map[string]any{"execution": 9, "outputs": 45, "benefits": 27, "satisfaction": 9},
	"score":  85, "points": 85, "judge-spending.report": 1,

	"terminate.breach": false, "terminate.reason": "双方协商一致，提前终止。Both sides agree to end the project early.",
	"judge-midterm.reason": met, "judge-final.reason": met,
	"decide-objection.outcome": "dismissed", "decide-objection.reason": "经核查，异议不成立。The objection proved unfounded.",
	"disallowed.reason":        "票据与项目无关。The receipt does not belong to the project.",
	"agree-instalments.reason": "一次还清有困难。Repaying all at once is not possible.",
	"request-change.reason":    "活动场地调整。The venue has changed.",
	"record-entrusted.purpose": "购置老人活动用品。Supplies for the elderly.",
}

const met = "各项指标均已完成。All targets have been met."

const sampleSHA = "5f8f04f6a3a892aaabbddb6cf273894493773960d4a325b105fee46eef4304f1"

// example returns an example body that is valid under the command's schema.
func (s *server) example(d *flow.Declaration) any {
	if d.Name == flow.UrgeCommand {
		return exampleUrge(d.Aggregate)
	}
	registry := s.huma.OpenAPI().Components.Schemas
	return exampleOf(registry, registry.Schema(d.PayloadType(), true, ""), "", d.Name)
}

// exampleUrge returns an example body of the command urge, for the first wait in the lifecycle of a kind.
func exampleUrge(kind flow.Kind) any {
	for _, w := range catalogue.All.Waits() {
		if w.Aggregate == kind && !w.ByItself() {
			return map[string]any{"wait": string(w.Key)}
		}
	}
	return nil
}

// exampleOf builds an example value for a field from its schema. name is the name of the field, and parent that of the
// field that contains it.
func exampleOf(r huma.Registry, s *huma.Schema, parent, name string) any {
	for s.Ref != "" {
		s = r.SchemaFromRef(s.Ref)
	}
	sample, known := samples[parent+"."+name]
	if !known {
		sample, known = samples[name]
	}
	switch {
	case s.Type == huma.TypeObject && s.Properties != nil:
		object := map[string]any{}
		for field, schema := range s.Properties {
			object[field] = exampleOf(r, schema, name, field)
		}
		return object
	case known && s.Type != huma.TypeArray && s.Pattern == "":
		return sample
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Pattern == "^[0-9a-f]{64}$":
		return sampleSHA
	case s.Pattern == "^[0-9]{12}$":
		return "620825103216"
	case s.Pattern == "^[A-Za-z0-9-]{1,24}$":
		return "ZL-2017-01"
	case s.Type == huma.TypeArray:
		if list, ok := sample.([]any); ok {
			return list
		}
		return []any{exampleOf(r, s.Items, parent, name)}
	case known:
		return sample
	case len(s.Examples) > 0:
		return s.Examples[0]
	default:
		return exampleScalar(s)
	}
}

func exampleScalar(s *huma.Schema) any {
	switch s.Type {
	case huma.TypeInteger:
		if s.Minimum != nil {
			return max(int(*s.Minimum), 60)
		}
		return 60
	case huma.TypeBoolean:
		return true
	case huma.TypeObject:
		return map[string]any{}
	default:
		return "示例 example"
	}
}

// examples returns an example problem for each code. The OpenAPI document stores each example only once.
func (s *server) examples(codes []domain.Code, status int) map[string]*huma.Example {
	shown := map[string]*huma.Example{}
	for _, code := range codes {
		name := string(code)
		if status != statusOf(code, "") {
			name += "-" + itoa(status)
		}
		s.huma.OpenAPI().Components.Examples[name] = &huma.Example{Summary: titleOf(code), Value: exampleProblem(code, status)}
		shown[name] = &huma.Example{Ref: "#/components/examples/" + name}
	}
	return shown
}

func exampleProblem(code domain.Code, status int) map[string]any {
	f := findingOf(&domain.Error{Code: code})
	return map[string]any{
		"type": "/problems/" + string(code), "title": titleOf(code), "status": status, "detail": gaps(f.EN.What),
		"instance": "urn:uuid:0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70", "code": string(code),
		"zh": map[string]any{"what": gaps(f.ZH.What), "next": gaps(f.ZH.Next)}, "en": map[string]any{"what": gaps(f.EN.What), "next": gaps(f.EN.Next)},
	}
}
