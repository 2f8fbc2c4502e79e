-- Nobody is in before a host: while no host or co-host is present everybody waits, whatever the waiting room says, unless
-- "join before host" is on.

local ann = moot.host{name="Ann", waiting_room="off"}
local bo = moot.join{name="Bo"}
bo:expect("joined")

moot.test("without a host one waits, and comes in with the host", function()
	ann:net{drop=true}
	bo:expect("away", {name="Ann"})
	local cy = moot.join{name="Cy"}
	cy:expect("waiting", {code="no-host"})
	bo:refute("person-joined", {name="Cy"}, 0.1)
	bo:expect("resumed", {name="Ann"})
	ann:expect("resumed", {number=ann.number})
	cy:expect("joined")
end)

moot.test("join before host lets one in", function()
	ann:set("join-before-host", "on")
	bo:expect("controls", {control="join-before-host", value="on"})
	ann:net{drop=true}
	bo:expect("away", {name="Ann"})
	moot.join{name="Di"}:expect("joined")
	bo:expect("resumed", {name="Ann"})
	ann:expect("resumed", {number=ann.number})
	ann:set("join-before-host", "off")
end)
