/** How long a text is on a GSM network (3GPP TS 23.038 §6.2.1). */

const basic = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà');
const extended = new Set('^{}\\[~]|€\f'); // two septets each

/**
 * measure tells how much of a screen a text takes: in septets, or in UCS-2 characters
 * when a letter of it is in no GSM table.
 */
export function measure(text, { septets, ucs2 }) {
  let used = 0;
  for (const letter of text) {
    if (basic.has(letter)) used += 1;
    else if (extended.has(letter)) used += 2;
    else return { used: text.length, room: ucs2, charset: 'UCS-2' };
  }
  return { used, room: septets, charset: 'GSM 7-bit' };
}
