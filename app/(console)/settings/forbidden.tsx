import Forbidden from "../forbidden";

/** The same within the settings, so that their other pages stay at hand. */
export default Forbidden;
