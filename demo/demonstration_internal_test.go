package demo

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
)

func TestTheDemonstrationPartsWithARequestThatWorksAndATokenForEachOffice(t *testing.T) {
	t.Parallel()
	const base = "http://127.0.0.1:8080"
	for id, path := range map[string]string{"": "/v1/commands", "0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70": "/v1/pilots/0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"} {
		var out bytes.Buffer
		(&Demonstration{Out: &out}).whereTo(base, id)
		request := regexp.MustCompile(`(?m)^  curl -H 'Authorization: Bearer (\S+)' (\S+)$`).FindStringSubmatch(out.String())
		if len(request) != 3 || request[2] != base+path || !strings.Contains(out.String(), " "+request[1]+" ") {
			t.Errorf("asks %q", request)
		}
		for _, person := range append([]string{
			zhuanglang.CountyOfficer, zhuanglang.CountyApprover, zhuanglang.CityApprover, zhuanglang.ProvinceOfficer, zhuanglang.ProvinceApprover,
			zhuanglang.VillagePerson("ZL-2017-01"),
		}, zhuanglang.Experts...) {
			if !strings.Contains(out.String(), " "+Token(person)+" ") {
				t.Errorf("the token of %s is missing in %s", person, out.String())
			}
		}
		if strings.Count(out.String(), "demo-village-") != 1 {
			t.Errorf("one village is enough: %s", out.String())
		}
	}
}
