"use client";
import { setAgentSwitchAction, setKillSwitchAction } from "../actions";
import { SwitchButton } from "./switch-button";

export function KillSwitchButton({ isActive }: { isActive: boolean }) {
  return isActive ? (
    <SwitchButton
      word="Turn the kill switch off"
      look="primary"
      title="Turn the kill switch off?"
      says={["Signals are analysed again, and those that pass their gates are ordered on paper.", "What was skipped meanwhile is not made up for."]}
      mustSayWhy
      act={(reason) => setKillSwitchAction({ isActive: false, reason })}
    />
  ) : (
    <SwitchButton
      word="Turn the kill switch on"
      look="danger"
      title="Turn the kill switch on?"
      says={["Every signal that starts from now on fails with this reason, and nothing is asked of a model.", "A signal in the midst of its analysis is written down and not ordered.", "Open positions stay as they are; the sweep passes them over. It can be turned off again."]}
      mustSayWhy
      act={(reason) => setKillSwitchAction({ isActive: true, reason })}
    />
  );
}

export type Switchable = Parameters<typeof setAgentSwitchAction>[0]["agent"];

export function AgentSwitchButton({ agent, isEnabled }: { agent: Switchable; isEnabled: boolean }) {
  const name = agent === "agent_pipeline" ? "the three agents" : agent.replaceAll("_", " ");
  return (
    <SwitchButton
      word={`Switch ${name} ${isEnabled ? "off" : "on"}`}
      size="sm"
      title={`Switch ${name} ${isEnabled ? "off" : "on"}?`}
      says={isEnabled
        ? agent === "agent_pipeline"
          ? ["Signals are decided from one market analysis and one decision, without votes."]
          : ["It is not asked any more; its step is skipped with this reason.", "Its weight is shared out among the agents that are left."]
        : ["From the next signal on it is asked again."]}
      mustSayWhy={false}
      act={(reason) => setAgentSwitchAction({ agent, isEnabled: !isEnabled, ...(reason && { reason }) })}
    />
  );
}
