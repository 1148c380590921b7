/** Small helpers to make elements. Texts go in as texts, never as HTML. */

/** make builds an element: properties, then children (elements or strings). */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== 'list') element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** pause waits, as people do between two keys. */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** local is a number as people of its country write it: 0722000002. */
export const local = (msisdn) => msisdn.replace(/^254/, '0');
