/** Why a run of this pipeline cannot go on, as its error group is named: `KillSwitchActive`, `NoCandles`. */
export class TradingError extends Error {
  constructor(name: "AccountMissing" | "KillSwitchActive" | "RateLimited" | "UnknownTimeframe" | "UnknownStrategy" | "NoCandles" | "OrderRefused" | "SharedSignalMissing" | "PositionMissing" | "UnknownModel", message: string) {
    super(message);
    this.name = name;
  }
}
