/** Where the choice is kept; absent means "as the system says". */
export const THEME_KEY = "penstock-theme";

/** Runs before the first paint, so that a dark reader never sees a white flash. Storage may be forbidden. */
export const THEME_SCRIPT = `try{var t=localStorage.getItem(${JSON.stringify(THEME_KEY)});if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}catch(e){}`;
