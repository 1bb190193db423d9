//! What a disk may hold after a power cut: what was synced for certain, and of what was not synced yet any beginning.
//!
//! A file's bytes are certain once the file is synced, a name once its folder is. What waits is kept in the order in which
//! it was done: names for each folder, bytes for each file. A rename within a folder is kept whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rand::Rng;

/// One thing that was done to a folder's files, as the shim wrote it down.
#[derive(Clone, Debug)]
pub struct Op {
    pub name: String,
    id: u32,
    pub path: String,
    other: String,
    offset: u64,
    bytes: Vec<u8>,
}

impl Op {
    /// Whether it is about this folder, or something in it.
    pub fn is_below(&self, folder: &Path) -> bool {
        Path::new(&self.path).starts_with(folder)
    }
}

/// What was done, in order.
pub fn read_ops(file: &Path) -> Vec<Op> {
    let mut rest = &fs::read(file).unwrap()[..];
    let mut ops = Vec::new();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = String::from_utf8(rest[..end].to_vec()).unwrap();
        let mut parts = line.split('\t').map(str::to_owned);
        let mut next = || parts.next().unwrap();
        let (name, id, path, other) = (next(), next().parse().unwrap(), next(), next());
        let (offset, length) = (next().parse().unwrap(), next().parse::<usize>().unwrap());
        ops.push(Op { name, id, path, other, offset, bytes: rest[end + 1..][..length].to_vec() });
        rest = &rest[end + 1 + length..];
    }
    ops
}

/// How much of what was not synced a power cut leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Left {
    Nothing,
    Everything,
    /// All but half of the last write.
    Torn,
    /// Of each file and each folder a beginning, as chance will have it.
    Some,
}

/// A disk with an office on it.
pub struct Disk {
    root: PathBuf,
    nodes: Vec<Node>,
    /// The files that the program has open.
    open: BTreeMap<u32, usize>,
}

enum Node {
    File { certain: Vec<u8>, waiting: Vec<Write> },
    Folder { certain: Names, waiting: Vec<Vec<(String, Option<usize>)>> },
}

type Names = BTreeMap<String, usize>;

enum Write {
    Bytes(u64, Vec<u8>),
    Length(u64),
}

impl Disk {
    /// As it is now, all of it certain, but for what is in the folder `without`.
    pub fn of(root: &Path, without: &str) -> Self {
        let mut disk = Self { root: root.to_owned(), nodes: Vec::new(), open: BTreeMap::new() };
        disk.take_in(root, without);
        disk
    }

    fn take_in(&mut self, folder: &Path, without: &str) -> usize {
        let this = self.nodes.len();
        self.nodes.push(Node::Folder { certain: Names::new(), waiting: Vec::new() });
        let mut names = Names::new();
        for entry in fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.file_name() != without) {
            let node = if entry.file_type().unwrap().is_dir() {
                self.take_in(&entry.path(), without)
            } else {
                self.add(Node::File { certain: fs::read(entry.path()).unwrap(), waiting: Vec::new() })
            };
            names.insert(entry.file_name().into_string().unwrap(), node);
        }
        self.nodes[this] = Node::Folder { certain: names, waiting: Vec::new() };
        this
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Does what was done.
    pub fn apply(&mut self, op: &Op) {
        match op.name.as_str() {
            "open" => {
                if op.other == "made" {
                    let node = self.add(Node::File { certain: Vec::new(), waiting: Vec::new() });
                    self.rename(vec![(&op.path, Some(node))]);
                }
                let Some(node) = self.find(&op.path) else { return };
                self.open.insert(op.id, node);
                if op.other == "truncated" {
                    self.write(node, Write::Length(0));
                }
            }
            "write" => self.write(self.open[&op.id], Write::Bytes(op.offset, op.bytes.clone())),
            "truncate" => self.write(self.open[&op.id], Write::Length(op.offset)),
            "sync" => match &mut self.nodes[self.open[&op.id]] {
                Node::File { certain, waiting } => waiting.drain(..).for_each(|write| write.apply(certain)),
                Node::Folder { certain, waiting } => waiting.drain(..).for_each(|step| change(certain, &step)),
            },
            "mkdir" => {
                let node = self.add(Node::Folder { certain: Names::new(), waiting: Vec::new() });
                self.rename(vec![(&op.path, Some(node))]);
            }
            "unlink" => self.rename(vec![(&op.path, None)]),
            "link" => self.rename(vec![(&op.other, self.find(&op.path))]),
            "rename" => self.rename(vec![(&op.path, None), (&op.other, self.find(&op.path))]),
            other => panic!("{other} is not known"),
        }
    }

    /// Gives names to nodes, or takes them away; those in one folder at once.
    fn rename(&mut self, names: Vec<(&String, Option<usize>)>) {
        let mut by_folder: BTreeMap<usize, Vec<(String, Option<usize>)>> = BTreeMap::new();
        for (path, node) in names {
            let (folder, name) = path.rsplit_once('/').unwrap();
            let folder = self.find(folder).unwrap_or_else(|| panic!("{folder} is not there"));
            by_folder.entry(folder).or_default().push((name.to_owned(), node));
        }
        for (folder, step) in by_folder {
            let Node::Folder { waiting, .. } = &mut self.nodes[folder] else { panic!("it is no folder") };
            waiting.push(step);
        }
    }

    fn write(&mut self, node: usize, write: Write) {
        let Node::File { waiting, .. } = &mut self.nodes[node] else { panic!("it is no file") };
        waiting.push(write);
    }

    /// What a path leads to, as the program sees it.
    fn find(&self, path: &str) -> Option<usize> {
        let way = Path::new(path).strip_prefix(&self.root).unwrap();
        way.components().try_fold(0, |node, part| {
            let Node::Folder { certain, waiting } = &self.nodes[node] else { return None };
            let mut names = certain.clone();
            waiting.iter().for_each(|step| change(&mut names, step));
            names.get(part.as_os_str().to_str().unwrap()).copied()
        })
    }

    /// The files and folders that are there when the power is back, relative; a folder has no bytes.
    pub fn after_a_cut(&self, names: Left, bytes: Left, random: &mut impl Rng) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        self.collect(0, Path::new(""), (names, bytes), random, &mut found);
        found
    }

    fn collect(&self, node: usize, path: &Path, left: (Left, Left), random: &mut impl Rng, found: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
        match &self.nodes[node] {
            Node::Folder { certain, waiting } => {
                let mut names = certain.clone();
                let kept = how_many(left.0, waiting.len(), random);
                waiting[..kept].iter().for_each(|step| change(&mut names, step));
                found.insert(path.to_owned(), None);
                for (name, node) in names {
                    self.collect(node, &path.join(name), left, random, found);
                }
            }
            Node::File { certain, waiting } => {
                let mut bytes = certain.clone();
                let kept = how_many(left.1, waiting.len(), random);
                for (index, write) in waiting[..kept].iter().enumerate() {
                    let torn = left.1 == Left::Torn && index + 1 == kept || left.1 == Left::Some && random.random_ratio(1, 4);
                    if torn { write.half().apply(&mut bytes) } else { write.apply(&mut bytes) }
                }
                found.insert(path.to_owned(), Some(bytes));
            }
        }
    }
}

impl Write {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(usize::try_from(*length).unwrap(), 0),
            Self::Bytes(offset, new) => {
                let start = usize::try_from(*offset).unwrap();
                bytes.resize(bytes.len().max(start + new.len()), 0);
                bytes[start..start + new.len()].copy_from_slice(new);
            }
        }
    }

    fn half(&self) -> Self {
        match self {
            Self::Length(length) => Self::Length(*length),
            Self::Bytes(offset, new) => Self::Bytes(*offset, new[..new.len() / 2].to_vec()),
        }
    }
}

fn how_many(left: Left, waiting: usize, random: &mut impl Rng) -> usize {
    match left {
        Left::Nothing => 0,
        Left::Everything | Left::Torn => waiting,
        Left::Some => random.random_range(0..=waiting),
    }
}

fn change(names: &mut Names, step: &[(String, Option<usize>)]) {
    for (name, node) in step {
        match node {
            Some(node) => drop(names.insert(name.clone(), *node)),
            None => drop(names.remove(name)),
        }
    }
}
