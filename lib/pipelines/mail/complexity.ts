/** How much work went into a template. */

export type Template = { hasHtml: boolean; tableDepth: number; images: number; links: number; ctas: number; isResponsive: boolean; trackingPixels: number; personalization: number };

/**
 * 0-100, a sum of what a template is made of: HTML at all 10; tables in tables 3 a level, up to 15; images 1.5 each, up to 15;
 * links 1 each, up to 20; calls to action 5 each, up to 15; a layout for small screens 10; a tracking pixel 5; filled-in parts 10.
 */
export function templateComplexity(template: Template): number {
  const { hasHtml, tableDepth, images, links, ctas, isResponsive, trackingPixels, personalization } = template;
  const sum = (hasHtml ? 10 : 0) + Math.min(15, tableDepth * 3) + Math.min(15, images * 1.5) + Math.min(20, links) + Math.min(15, ctas * 5)
    + (isResponsive ? 10 : 0) + (trackingPixels > 0 ? 5 : 0) + (personalization > 0 ? 10 : 0);
  return Math.round(sum);
}
