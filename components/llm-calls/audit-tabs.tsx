import { Tabs } from "#components/layout/tabs";

const TABS = [["/ai-audit", "Calls"], ["/ai-audit/usage", "Usage"], ["/ai-audit/prompts", "Prompts"], ["/ai-audit/prices", "Prices"]] as const;

export const AuditTabs = () => <Tabs label="Parts of the AI audit" tabs={TABS} />;
