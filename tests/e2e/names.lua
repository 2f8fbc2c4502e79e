-- Names: chosen by each, shown with the number when they look alike, changed by oneself when allowed and by a host.

local ann = moot.host{name="Ann", waiting_room="off"}
local bo = moot.join{name="Bo"}
bo:expect("joined")

moot.test("two of one name, and one that imitates, are shown with their numbers", function()
	local second, third = moot.join{name="Bo"}, moot.join{name="ВО"} -- Cyrillic
	second:expect("joined")
	third:expect("joined")
	local screen = table.concat(ann:screen(), "\n")
	for _, person in ipairs{bo, second, third} do
		moot.check(screen:find("(" .. person.number .. ")", 1, true), "number " .. person.number .. " is shown")
	end
	ann:refused("ambiguous-name", "msg", "Bo", "which one?")
	ann:msg(second, "you")
	second:expect("chat", {text="you"})
end)

moot.test("oneself, when allowed", function()
	bo:name_("Robert")
	ann:expect("person-changed", {number=bo.number, name="Robert", code="name"})
	ann:set("rename", "off")
	bo:expect("controls", {control="rename", value="off"})
	bo:refused("rename-off", "name", "Rob")
	ann:allow(bo, "rename")
	bo:expect("permission", {permission="rename", on=true})
	bo:name_("Rob")
	ann:expect("person-changed", {number=bo.number, name="Rob"})
	ann:set("rename", "on")
	bo:expect("controls", {control="rename", value="on"})
end)

moot.test("by a host, who is named", function()
	ann:rename(bo, "Bo B.")
	bo:expect("person-changed", {number=bo.number, name="Bo B.", by=ann})
	ann:refused("bad-name", "rename", bo, "a\u{202E}b")
	ann:refused("bad-name", "rename", bo, string.rep("x", 41))
	bo:refused("not-allowed", "rename", ann, "Nobody")
end)

moot.test("hands are raised in order, and lowered by oneself or a host", function()
	local cy = moot.join{name="Cy"}
	cy:expect("joined")
	cy:raise()
	ann:expect("person-changed", {number=cy.number, hand=1})
	bo:raise()
	ann:expect("person-changed", {number=bo.number, hand=2})
	bo:refused("already", "raise")
	ann:lower(cy)
	bo:expect("person-changed", {number=cy.number, hand=0, by=ann})
	for _, person in ipairs(ann:state().people) do
		moot.check(person.hand == 0 or person.number == bo.number, person.name .. ": only Bo's hand is up")
	end
	bo:lower()
	bo:refused("already", "lower")
end)
