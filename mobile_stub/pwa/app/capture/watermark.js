/** What is shown or shared of a picture carries who, when and where across it; the original is never touched. */

const SIDE_MAX = 1600;
const QUALITY = 0.86;

/**
 * Return a smaller copy of a picture with lines written under it and across it.
 * @param {Blob} original
 * @param {string[]} lines at its foot, such as time, place and officers
 * @param {string} across repeated over the whole picture
 * @returns {Promise<Blob>} JPEG
 */
export async function watermarked(original, lines, across) {
  const picture = await createImageBitmap(original);
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  writeAcross(pen, canvas, across);
  writeFoot(pen, canvas, lines);
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('no picture was made'))), 'image/jpeg', QUALITY);
  });
}

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif';

function writeAcross(pen, { width, height }, text) {
  const size = Math.max(14, Math.round(width / 30));
  pen.save();
  pen.font = `${size}px ${FONT}`;
  pen.fillStyle = 'rgb(255 255 255 / 28%)';
  pen.strokeStyle = 'rgb(0 0 0 / 22%)';
  pen.rotate(-Math.PI / 8);
  const step = pen.measureText(text).width + 3 * size;
  for (let y = 0; y < height * 1.6; y += 6 * size) {
    for (let x = -height; x < width * 1.2; x += step) {
      pen.strokeText(text, x, y);
      pen.fillText(text, x, y);
    }
  }
  pen.restore();
}

function writeFoot(pen, { width, height }, lines) {
  const size = Math.max(13, Math.round(width / 40));
  const high = Math.round(size * 1.5);
  pen.font = `${size}px ${FONT}`;
  pen.fillStyle = 'rgb(0 0 0 / 62%)';
  pen.fillRect(0, height - lines.length * high - size, width, lines.length * high + size);
  pen.fillStyle = '#ffffff';
  lines.forEach((line, n) => pen.fillText(line, size, height - (lines.length - n) * high + size * 0.6, width - 2 * size));
}
