import { it } from "node:test"; it("later", { todo: true }, () => {});
