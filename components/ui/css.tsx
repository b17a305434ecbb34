import type { CSSProperties } from "react";

/** What the server writes instead of `style`; `DRESS_SCRIPT` reads it. */
export const CSS_ATTRIBUTE = "data-css";

type Css = { style?: CSSProperties; "data-css"?: string; suppressHydrationWarning: true };

/**
 * Computed style, spread into an element: `<i {...css({ width: "12%" })} />`. The content security policy allows no `style`
 * in HTML, so the server writes it as data, which the first script of the page applies before it is seen; in the browser it is `style`.
 */
export function css(style: CSSProperties): Css {
  return typeof window === "undefined" ? { [CSS_ATTRIBUTE]: printCss(style), suppressHydrationWarning: true } : { style, suppressHydrationWarning: true };
}

/** Numbers are pixels, as React has it for lengths; nothing else is given as a number here. */
export function printCss(style: CSSProperties): string {
  return Object.entries(style)
    .map(([name, value]) => `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${typeof value === "number" && value !== 0 ? `${value}px` : value}`)
    .join(";");
}

/** Applies what the server wrote, as soon as it is there: with the page, with what streams in later, and with what a link brings. */
export const DRESS_SCRIPT = `(()=>{const dress=(node)=>{const css=node.getAttribute("${CSS_ATTRIBUTE}");if(css===null)return;node.removeAttribute("${CSS_ATTRIBUTE}");node.style.cssText=css};new MutationObserver((records)=>{for(const record of records){if(record.type==="attributes")dress(record.target);for(const node of record.addedNodes)if(node.nodeType===1){dress(node);for(const inner of node.querySelectorAll("[${CSS_ATTRIBUTE}]"))dress(inner)}}}).observe(document,{childList:true,subtree:true,attributes:true,attributeFilter:["${CSS_ATTRIBUTE}"]})})()`;
