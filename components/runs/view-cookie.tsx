/** Where a person's view is kept until people sign in: their browser. */
export const VIEW_COOKIE = "penstock_runs_view";
