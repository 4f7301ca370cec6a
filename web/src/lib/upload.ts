// Sends a file as it is. XMLHttpRequest because fetch tells nothing about the progress of what it sends.

import { API, changeHeaders, readProblem, waitForSignIn } from './http';
import { Problem } from './problem';

export interface UploadProgress {
  sent_bytes: number;
  total_bytes: number;
}

export async function uploadFile<T>(
  path: string,
  file: File,
  onProgress: (progress: UploadProgress) => void,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await sendFile<T>(path, file, onProgress, signal);
  } catch (error) {
    if (error instanceof Problem && error.status === 401 && (await waitForSignIn())) {
      return sendFile<T>(path, file, onProgress, signal);
    }
    throw error;
  }
}

function sendFile<T>(path: string, file: File, onProgress: (p: UploadProgress) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', API + path);
    for (const [name, value] of Object.entries(changeHeaders('POST'))) xhr.setRequestHeader(name, value);
    xhr.setRequestHeader('Content-Type', 'application/octet-stream');
    xhr.upload.onprogress = (event) => onProgress({ sent_bytes: event.loaded, total_bytes: event.total || file.size });
    xhr.onload = () => {
      if (xhr.status >= 200 && xhr.status < 300) resolve(JSON.parse(xhr.responseText) as T);
      else reject(readProblem(xhr.status, xhr.responseText, xhr.getResponseHeader('Retry-After')));
    };
    xhr.onerror = () => reject(new Problem(0, { code: 'unreachable', detail: 'The upload was interrupted. Try again.' }));
    xhr.onabort = () => reject(new DOMException('The upload was cancelled.', 'AbortError'));
    signal?.addEventListener('abort', () => xhr.abort(), { once: true });
    xhr.send(file);
  });
}
