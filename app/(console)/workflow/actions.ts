"use server";
import { setAgentSwitch, SetAgentSwitchInput, setKillSwitch, SetKillSwitchInput } from "#lib/pipelines/trading/desk";
import { action } from "#lib/web/action";

export const setKillSwitchAction = action(SetKillSwitchInput, setKillSwitch);
export const setAgentSwitchAction = action(SetAgentSwitchInput, setAgentSwitch);
