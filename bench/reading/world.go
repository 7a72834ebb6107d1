package reading

import (
	"fmt"
	"math/rand/v2"

	"terrace/domain/creditcode"
	"terrace/domain/place"
)

// The record grows as a country would: more counties join, each with as many projects as before. So an office, an
// organization or a village finds about the same number of its own rows at every size, whereas an auditor finds all of
// them.
const (
	years         = 6  // programmes
	pilotsAYear   = 6  // in a county
	proposals     = 10 // in a pilot
	perCounty     = years * pilotsAYear
	villages      = 30  // in a county
	organizations = 70  // in a county; sixty apply each year, ten have a proposal in its notice period
	countiesACity = 10  // and as many cities to a province
	onNotice      = 100 // one pilot in this many is in its notice period
)

// county is one of the counties, numbered from 0.
type county int

func (c county) province() string {
	return fmt.Sprintf("%02d0000", 11+int(c)/(countiesACity*countiesACity))
}

func (c county) city() string {
	return fmt.Sprintf("%02d%02d00", 11+int(c)/(countiesACity*countiesACity), 1+int(c)/countiesACity%countiesACity)
}

func (c county) code() string { return c.city()[:4] + fmt.Sprintf("%02d", 1+int(c)%countiesACity) }

func (c county) village(n int) string { return fmt.Sprintf("%s%03d%03d", c.code(), 100+n/10, 200+n%10) }

// organization returns the nth credit code (统一社会信用代码) of the county's associations, with check digits.
func (c county) organization(n int) string {
	return creditCode(fmt.Sprintf("51%s", c.code()), int(c)*100+n)
}

func (c county) evaluator() string { return creditCode("52"+c.city(), int(c)/countiesACity) }

// creditCode appends eight digits and two check digits to the registering office's prefix.
func creditCode(prefix string, n int) string {
	return string(creditcode.Complete(fmt.Sprintf("%s%08d", prefix, n)))
}

// Names are drawn by number, so they are the same in every run.
var (
	syllables = []rune("安宝昌春丰福高光海和恒华辉吉嘉建江金景康乐林龙梅明南宁平青泉仁荣瑞山石松泰天望文吾西祥新兴秀阳永玉元云泽正中竹庄浪柳桥河湖沟堡寨坪湾岭梁")
	topics    = []string{
		"养老服务", "留守儿童关爱", "残疾人康复", "社区矫正帮扶", "饮水安全", "技能培训", "心理疏导", "助学帮困", "医疗巡诊", "环境整治",
		"邻里互助", "法律援助", "家庭教育", "文化下乡", "防灾减灾", "青年志愿", "妇女创业", "孤儿助养", "食品安全宣传", "老年食堂",
	}
	topicsEN = []string{
		"care for the old", "children left behind", "rehabilitation", "probation support", "safe water", "skills training", "counselling", "school aid", "medical rounds",
		"clean environment", "neighbours", "legal aid", "family education", "culture", "disaster relief", "young volunteers", "women's enterprise", "orphans", "food safety", "canteen",
	}
	virtues = []string{"仁爱", "春晖", "同心", "阳光", "众信", "启明", "益民", "和善", "守望", "暖流", "惠农", "扬帆"}
	forms   = []string{"社会工作服务中心", "志愿者协会", "公益促进会", "慈善会", "互助社"}
)

func draw[T any](from []T, seed, salt uint64) T {
	return from[rand.New(rand.NewPCG(seed, salt)).IntN(len(from))] //nolint:gosec // names, the same in every run
}

func name(seed, salt uint64) string {
	return string([]rune{draw(syllables, seed, salt), draw(syllables, seed, salt+1)})
}

func (c county) zh() string { return name(uint64(c), 11) }

func (c county) villageZH(n int) string { return name(uint64(c)*1000+uint64(n), 21) + "村" }

func (c county) organizationZH(n int) string {
	seed := uint64(c)*1000 + uint64(n)
	return c.zh() + "县" + draw(virtues, seed, 31) + name(seed, 33) + draw(forms, seed, 35)
}

// places returns the table of places for a number of counties.
func places(counties int) (all []place.Place) {
	add := func(code, parent string, level place.Level, zh string) {
		all = append(all, place.Place{Code: place.Code(code), Vintage: 2020, Parent: place.Code(parent), Level: level, ZH: zh, EN: "Place " + code})
	}
	for c := range county(counties) {
		if int(c)%(countiesACity*countiesACity) == 0 {
			add(c.province(), "", place.Province, name(uint64(c), 1)+"省")
		}
		if int(c)%countiesACity == 0 {
			add(c.city(), c.province(), place.City, name(uint64(c), 5)+"市")
		}
		add(c.code(), c.city(), place.County, c.zh()+"县")
		for v := range villages {
			add(c.village(v), c.code(), place.Village, c.villageZH(v))
		}
	}
	return all
}
