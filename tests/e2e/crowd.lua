-- A crowd: two hundred at once in one process. The host sees them all, commands stay quick, and a storm of comings and goings
-- is a line, not two hundred.

local relay = moot.relay{args={"--max-people", "300"}}
local ann = moot.host{name="Ann", relay=relay, waiting_room="off", speaker="null"}

moot.test("two hundred come in", function()
	local start = moot.seconds()
	local crowd = moot.swarm{n=200, speak=3, to=ann}
	moot.say(string.format("200 participants started and in: %.2f s", moot.seconds() - start))
	moot.equal(#crowd, 200)
	moot.equal(#ann:state().people, 201)
	for _, person in ipairs{crowd[1], crowd[100], crowd[200]} do
		moot.equal(#person:state().people, 201, person.name .. " sees everybody")
	end
	ann:expect("audio", {on=true})

	start = moot.seconds()
	ann:set("chat", "hosts")
	crowd[200]:expect("controls", {control="chat", value="hosts"})
	moot.say(string.format("a rule is known to the last one after %.0f ms", 1000 * (moot.seconds() - start)))

	local found = ann:who("guest 200")
	moot.check(found.text:find("guest 200", 1, true) and not found.text:find("guest 199", 1, true), "/who finds by pattern")
	moot.all(crowd, "raise")
	moot.eventually("two hundred hands are up", function()
		local up = 0
		for _, person in ipairs(ann:state().people) do
			if person.hand > 0 then up = up + 1 end
		end
		return up == 200
	end)
	ann:mute("all")
	crowd[150]:expect("muted", {all=true})
end)
