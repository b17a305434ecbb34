import { Tabs } from "#components/layout/tabs";

const TABS = [["/trading", "Desk"], ["/workflow", "Agent workflow"], ["/trading/journal", "Journal"], ["/trading/trades", "Trades"], ["/trading/accounts", "Accounts"], ["/trading/strategies", "Strategies"]] as const;

export const DeskTabs = () => <Tabs label="Parts of the trading desk" tabs={TABS} />;
