-- Video: who may start it, and whose picture everybody or oneself keeps in view.

local ann = moot.host{name="Ann", waiting_room="off", view="gallery"}
local bo = moot.join{name="Bo", camera="pattern"}
local cy = moot.join{name="Cy"}
bo:expect("joined")
cy:expect("joined")

moot.test("a picture arrives", function()
	bo:try("video", true)
	ann:expect("video", {from=bo, on=true}, 10)
end)

moot.test("video off stops the cameras of participants", function()
	ann:set("video", "off")
	bo:expect("controls", {control="video", value="off", by=ann})
	moot.eventually("Bo's camera is off", function()
		for _, person in ipairs(ann:state().people) do
			if person.number == bo.number then return not person.camera end
		end
	end)
	bo:refused("video-off", "video", true)
	ann:allow(bo, "video")
	bo:expect("permission", {permission="video", on=true})
	bo:video(true)
	ann:expect("person-changed", {number=bo.number, camera=true})
	ann:set("video", "on")
end)

moot.test("spotlight is for all, pin for oneself", function()
	ann:spotlight(bo)
	cy:expect("spotlight", {number=bo.number, by=ann})
	moot.equal(cy:state().spotlight, bo.number)
	cy:pin(ann)
	moot.equal(ann:state().spotlight, bo.number, "a pin is nobody else's business")
	cy:pin("off")
	ann:spotlight("off")
	cy:expect("spotlight", {number=0})
end)
