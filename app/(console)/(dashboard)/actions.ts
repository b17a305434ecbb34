"use server";
import { CreateDemoInput, createDemo, RemoveDemoInput, removeDemo } from "#lib/demo/mutations";
import { action } from "#lib/web/action";

export const fillDemoAction = action(CreateDemoInput, createDemo);
export const removeDemoAction = action(RemoveDemoInput, (ctx) => removeDemo(ctx));
