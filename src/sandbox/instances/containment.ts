/**
 * A root of its own for what user data runs, and for the program afterwards: scripts written for EC2 act as root on the whole machine,
 * and this machine is somebody's. It guards against accidents, not against malice.
 *
 *  1. The machine's programs and libraries are there, and can't be written to. /etc and /usr/local are layers over the machine's; /home,
 *     /root, /opt, /srv, /var, /mnt, /media and /run begin empty. What is written there is on the instance's disk, `.disk` of its folder,
 *     and so in images made of it.
 *  2. The instance's folder stands where it is; /tmp is empty and gone with the process; /dev holds no disk.
 *  3. A script has its own processes only to see and to end. The network is the instance's.
 *  4. What a distribution would install, start or stop isn't: such commands say so and succeed. The image's start command stands for it.
 *
 * It takes user namespaces and overlays in them (Linux 5.11), which some machines forbid: `containmentProblem` says so.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export interface Containment {
  readonly command: string;
  /** To stand before a program and its arguments. */
  readonly args: readonly string[];
  /** Where commands are looked for inside. */
  readonly path: string;
}

/** Prepares a root in `scratch`, and says how a program gets into it. `alone`: with its own processes only, as a script. `kept` stays where it is. */
export function containment(
  scratch: string,
  folder: string,
  { alone, kept = [] }: { readonly alone: boolean; readonly kept?: readonly string[] },
): Containment {
  const place = join(scratch, 'contained');
  const script = join(place, 'enter.sh');
  if (!existsSync(script)) {
    for (const name of ['root', 'shims']) mkdirSync(join(place, name), { recursive: true });
    for (const name of shims) program(join(place, 'shims', name), shim);
    program(join(place, 'shims', 'sudo'), sudo);
    program(script, enter);
  }
  const unshare = ['--user', '--map-root-user', '--mount'];
  // Killed, it takes along what it started.
  const own = ['--pid', '--fork', '--kill-child=SIGKILL'];
  return {
    command: 'unshare',
    args: [
      ...unshare,
      ...(alone ? own : []),
      '/bin/sh',
      script,
      join(place, 'root'),
      folder,
      alone ? 'own' : 'shared',
      [packageRoot, dirname(dirname(process.execPath)), scratch, ...kept].join(delimiter),
    ],
    path: [join(place, 'shims'), dirname(process.execPath), systemPath].join(delimiter),
  };
}

let problem: { readonly text: string | undefined } | undefined;

/** Why nothing can be contained on this machine, by trying; undefined when it can. */
export function containmentProblem(): string | undefined {
  problem ??= { text: tried() };
  return problem.text;
}

function tried(): string | undefined {
  const scratch = mkdtempSync(join(tmpdir(), 'pilot-light-'));
  try {
    const folder = join(scratch, 'instance');
    mkdirSync(folder);
    const { command, args } = containment(scratch, folder, { alone: true });
    const { status, stderr, error } = spawnSync(command, [...args, 'true'], { encoding: 'utf8', timeout: 10_000 });
    if (status === 0) return undefined;
    return error?.message ?? (stderr.trim().split('\n').at(-1) || `exit code ${status}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function program(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

const packageRoot = join(import.meta.dirname, '../../..');
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const shims = [
  'amazon-linux-extras',
  'apt',
  'apt-get',
  'chkconfig',
  'dnf',
  'halt',
  'hostnamectl',
  'poweroff',
  'reboot',
  'rpm',
  'service',
  'shutdown',
  'snap',
  'systemctl',
  'timedatectl',
  'yum',
];

const shim = `#!/bin/sh
echo "\${0##*/} $*: not done in the sandbox, where the image's start command stands for what is installed and started"
`;

const sudo = `#!/bin/sh
while :; do
  case "\${1-}" in
    -u | -g) shift 2 ;;
    -*) shift ;;
    *) break ;;
  esac
done
exec "$@"
`;

/** Arguments: the new root, the instance's folder, whose processes it sees, what is kept where it is, the program and its arguments. */
const enter = `set -eu
root=$1 folder=$2 processes=$3 kept=$4
shift 4
disk=$folder/.disk
mount -t tmpfs -o mode=755 tmpfs "$root"

fixed() {
  mount --rbind "$1" "$2"
  mount -o remount,bind,ro "$2" 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev "$2"
}
layer() {
  mkdir -p "$disk/$1" "$disk/.layers/$1"
  mount -t overlay -o "userxattr,lowerdir=/$1,upperdir=$disk/$1,workdir=$disk/.layers/$1" overlay "$root/$1"
}

for entry in /*; do
  name=\${entry#/}
  case $name in
    dev | etc | home | lost+found | media | mnt | opt | proc | root | run | srv | sys | tmp | var) continue ;;
  esac
  if [ -L "$entry" ]; then
    ln -s "$(readlink "$entry")" "$root/$name"
  elif [ -d "$entry" ]; then
    mkdir "$root/$name"
    fixed "$entry" "$root/$name"
  fi
done
mkdir "$root/etc" "$root/dev" "$root/proc" "$root/sys" "$root/tmp"
layer etc
if [ -d /usr/local ]; then layer usr/local; fi
mkdir -p "$disk/var/lib" "$disk/var/log" "$disk/var/tmp"
for name in home media mnt opt root run srv var; do
  mkdir -p "$disk/$name" "$root/$name"
  mount --bind "$disk/$name" "$root/$name"
done
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
  : >"$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
if [ "$processes" = own ]; then
  mount -t proc proc "$root/proc"
else
  mount --rbind /proc "$root/proc"
  mount -o remount,bind,ro,nosuid,nodev,noexec "$root/proc" 2>/dev/null || mount -o remount,bind,ro "$root/proc"
fi

IFS=:
for path in $kept; do
  # What is there already came with the machine.
  case $path in
    /dev* | /etc* | /home/* | /media/* | /mnt/* | /opt/* | /root/* | /run/* | /srv/* | /tmp/* | /var/*) ;;
    *) continue ;;
  esac
  if [ ! -e "$path" ]; then
    continue
  elif [ -d "$path" ]; then
    mkdir -p "$root$path"
  elif [ ! -e "$root$path" ]; then
    mkdir -p "$root\${path%/*}"
    : >"$root$path"
  fi
  fixed "$path" "$root$path"
done
unset IFS
mkdir -p "$root$folder" 2>/dev/null || :
mount --bind "$folder" "$root$folder"

exec chroot "$root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$folder" "$@"
`;
